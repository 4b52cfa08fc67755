package dev.slipway.nn.loss;

import dev.slipway.nn.Input;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Losses;
import dev.slipway.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Losses of sequences as a whole. */
final class Sequences {
  private Sequences() {}

  static Tensor ctc(Loss.Ctc loss, Input output, Input target) {
    Tensor logits = output.values(); // (B, T, C)
    Tensor logs = logits.logSoftmax(2).transpose(0, 1); // (T, B, C)
    return Losses.ctc(
        logs,
        target.values(),
        lengths(output.lengths(), logits.size(0), logits.size(1)),
        lengths(target.lengths(), logits.size(0), target.values().size(1)),
        loss.blank(),
        loss.zeroInfinity());
  }

  private static Tensor lengths(@Nullable Tensor lengths, long rows, long all) {
    return lengths == null ? Tensor.full(all, DType.INT64, rows) : lengths;
  }
}
