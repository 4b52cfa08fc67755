/**
 * All metrics of a task in one report, each with its interval or the reason why it has no value.
 * Knows arrays of truths and predictions, nothing of where they come from.
 */
@NullMarked
package dev.slipway.eval.measure;

import org.jspecify.annotations.NullMarked;
