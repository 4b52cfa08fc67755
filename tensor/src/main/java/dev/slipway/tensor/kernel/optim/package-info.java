/**
 * Steps of optimizers over flat buffers, one pass over memory each, and the bytes that 8-bit
 * optimizers keep what they remember in.
 */
@NullMarked
package dev.slipway.tensor.kernel.optim;

import org.jspecify.annotations.NullMarked;
