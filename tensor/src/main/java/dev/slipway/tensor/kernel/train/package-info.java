/**
 * What a transformer learns by, each a forward and a backward by hand: embedding, norms, attention
 * with its heads and positions, gated and plain activations, projections, the output layer with its
 * cross-entropy, and frozen matrices of 4 bits. Matrix products are libtorch's, written into
 * buffers made once.
 */
@NullMarked
package dev.slipway.tensor.kernel.train;

import org.jspecify.annotations.NullMarked;
