/** Metrics of predicted numbers. Knows arrays, nothing of the model that filled them. */
@NullMarked
package dev.slipway.eval.metric.regression;

import org.jspecify.annotations.NullMarked;
