/**
 * What every metric has: an outcome that may be undefined with its reason, an interval of 95 %, a
 * row of a report, curves as plain points; and the figures of language models. Knows sums and rows,
 * nothing of the model that made them.
 */
@NullMarked
package dev.slipway.eval.metric;

import org.jspecify.annotations.NullMarked;
