/**
 * Parts of autograd's graph that are kernels: an LSTM's recurrence, and the convolution, ReLU and
 * pooling with which networks on pictures begin. {@code …Layer} is the part of the graph, the class
 * without that word the kernel.
 */
@NullMarked
package dev.slipway.tensor.kernel.layer;

import org.jspecify.annotations.NullMarked;
