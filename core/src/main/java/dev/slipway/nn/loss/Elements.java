package dev.slipway.nn.loss;

import dev.slipway.nn.Input;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Losses;
import dev.slipway.tensor.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Losses by element, padding left out. */
final class Elements {
  private Elements() {}

  /** The target in the output's shape: (B) for (B, 1). */
  static Tensor like(Tensor target, Tensor output) {
    if (target.size(0) != output.size(0) || target.numel() != output.numel()) {
      throw new IllegalArgumentException(
          "outputs are " + Arrays.toString(output.shape()) + ", targets " + target);
    }
    Tensor floats = target.dtype() == DType.FLOAT32 ? target : target.to(DType.FLOAT32);
    return floats.reshape(output.shape());
  }

  /** (B, …) to (B), without what lies beyond an example's length. */
  static Tensor sum(Tensor losses, Input target) {
    Tensor mask = mask(target.lengths(), losses);
    Tensor kept = mask == null ? losses : Losses.where(mask, losses);
    return kept.reshape(losses.size(0), -1).sum(1, false);
  }

  /** Ones within the lengths, (B, T, 1, …) for values (B, T, …); null where all are as long. */
  static @Nullable Tensor mask(@Nullable Tensor lengths, Tensor values) {
    if (lengths == null) {
      return null;
    }
    long[] shape = new long[values.dim()];
    Arrays.fill(shape, 1);
    shape[0] = values.size(0);
    shape[1] = values.size(1);
    Tensor places = Tensor.arange(values.size(1), DType.INT64).add(1).expand(shape[0], shape[1]);
    return places.le(lengths.view(-1, 1)).view(shape); // (B, T, 1, …)
  }

  static long count(Input target) {
    Tensor values = target.values();
    return target.lengths() == null
        ? values.numel()
        : values.numel()
            / (values.size(0) * values.size(1))
            * Arrays.stream(target.lengths().toLongs()).sum();
  }
}
