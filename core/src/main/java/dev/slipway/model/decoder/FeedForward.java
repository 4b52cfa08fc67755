package dev.slipway.model.decoder;

import dev.slipway.nn.Projection;
import dev.slipway.tensor.Tensor;

/** The part of a block that works on each position by itself: (B, T, C) in and out. */
public interface FeedForward {
  /** States in the type of products, in and out. */
  Tensor forward(Tensor x);

  /** {@code down(activation(up(x)))}. */
  record Plain(Projection up, Activation activation, Projection down) implements FeedForward {
    @Override
    public Tensor forward(Tensor x) {
      return down.apply(activation.apply(up.apply(x))); // (…, F) to (…, C)
    }
  }

  /** {@code down(activation(gate(x)) * up(x))}. Shazeer 2020. */
  record Gated(Projection gate, Projection up, Activation activation, Projection down)
      implements FeedForward {
    @Override
    public Tensor forward(Tensor x) {
      return down.apply(activation.apply(gate.apply(x)).mul(up.apply(x))); // (…, F) to (…, C)
    }
  }
}
