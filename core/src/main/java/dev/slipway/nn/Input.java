package dev.slipway.nn;

import dev.slipway.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One input of a network for a batch.
 *
 * @param values (B, …) float32, or int64 ids
 * @param lengths (B) int64 on the CPU, of the true length along the second dimension where examples
 *     differ; null where all are as long
 */
public record Input(Tensor values, @Nullable Tensor lengths) {
  public static Input of(Tensor values) {
    return new Input(values, null);
  }
}
