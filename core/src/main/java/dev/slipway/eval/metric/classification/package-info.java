/**
 * Metrics of classes, of their scores and of their probabilities: one class of several, or several
 * labels at once. Knows arrays, nothing of the model that filled them.
 */
@NullMarked
package dev.slipway.eval.metric.classification;

import org.jspecify.annotations.NullMarked;
