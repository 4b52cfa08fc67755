/**
 * Many generations at once: rows of several sequences in one pass over the weights, with keys and
 * values in blocks that sequences share. What a sequence answers depends on nothing but itself.
 */
@NullMarked
package dev.slipway.infer.batch;

import org.jspecify.annotations.NullMarked;
