/**
 * What a language model is measured beside, computed on the same held-out text: an n-gram model and
 * xz. Knows bytes only, nothing of tokens or tensors.
 */
@NullMarked
package dev.slipway.eval.yardstick;

import org.jspecify.annotations.NullMarked;
