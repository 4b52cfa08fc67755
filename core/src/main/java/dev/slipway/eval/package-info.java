/**
 * Metrics with their confidence intervals, yardsticks, and the report of a run. Knows nothing of
 * how a model is trained.
 */
@NullMarked
package dev.slipway.eval;

import org.jspecify.annotations.NullMarked;
