/**
 * Figures of a language model on held-out documents, each with a confidence interval. Knows sums by
 * document, nothing of the model that made them.
 */
@NullMarked
package dev.slipway.eval.metric;

import org.jspecify.annotations.NullMarked;
