/**
 * What a model is measured beside, learnt from the same training examples and computed on the same
 * held-out ones: an n-gram model and xz for text that is continued; for tasks the majority, linear
 * models, gradient boosting, biases and popularity. Knows bytes, texts and arrays only, nothing of
 * tokens, tensors or metrics of tasks.
 */
@NullMarked
package dev.slipway.eval.yardstick;

import org.jspecify.annotations.NullMarked;
