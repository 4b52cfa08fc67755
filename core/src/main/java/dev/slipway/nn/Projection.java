package dev.slipway.nn;

import dev.slipway.tensor.Functional;
import dev.slipway.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A linear map of the last dimension, (…, in) to (…, out). Dense to begin with; low-rank adapted,
 * quantized or sharded ones take its place from outside, and no layer knows.
 */
@FunctionalInterface
public interface Projection {
  /**
   * @param x (…, in)
   * @return (…, out)
   */
  Tensor apply(Tensor x);

  /**
   * {@code x W^T + b}.
   *
   * @param weight (out, in)
   * @param bias (out)
   */
  record Dense(Tensor weight, @Nullable Tensor bias) implements Projection {
    @Override
    public Tensor apply(Tensor x) {
      return Functional.linear(x, weight, bias);
    }
  }

  /**
   * {@code x W + b}, as GPT-2's checkpoints keep their matrices.
   *
   * @param weight (in, out)
   * @param bias (out)
   */
  record Conv1D(Tensor weight, @Nullable Tensor bias) implements Projection {
    @Override
    public Tensor apply(Tensor x) {
      return Functional.linear(x, weight.transpose(0, 1), bias);
    }
  }
}
