package dev.slipway.nn;

import dev.slipway.tensor.Tensor;

/**
 * A part of a network that can be run and differentiated on its own: the embedding, a block, the
 * last norm. A network is a list of segments; activation checkpointing, overlap of gradient
 * exchange and pipeline stages all work segment by segment.
 */
@FunctionalInterface
public interface Segment {
  Tensor forward(Tensor x);
}
