package dev.slipway.nn.loss;

import dev.slipway.nn.Input;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Losses;
import dev.slipway.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** Losses of examples beside each other. */
final class Pairs {
  private Pairs() {}

  static Tensor triplet(Loss.Triplet loss, Input output) {
    return Losses.tripletMargin(
        view(output, 0, 3), view(output, 1, 3), view(output, 2, 3), loss.margin());
  }

  static Tensor infoNce(Loss.InfoNce loss, Input output) {
    boolean negatives = output.values().dim() == 3 && output.values().size(1) == 3;
    int views = negatives ? 3 : 2;
    Tensor queries = Losses.normalise(view(output, 0, views)); // (B, D)
    Tensor keys = Losses.normalise(view(output, 1, views)); // (B, D)
    Tensor all =
        negatives ? Tensor.cat(List.of(keys, Losses.normalise(view(output, 2, views))), 0) : keys;
    Tensor similarities = queries.matmul(all.transpose(0, 1)).div(loss.temperature()); // (B, …)
    Tensor own = Tensor.arange(similarities.size(0), DType.INT64);
    Tensor losses = Losses.crossEntropy(similarities, own, null, Loss.IGNORED, 0);
    return loss.symmetric()
        ? losses
            .add(
                Losses.crossEntropy(
                    similarities.narrow(1, 0, own.size(0)).transpose(0, 1),
                    own,
                    null,
                    Loss.IGNORED,
                    0))
            .div(2)
        : losses;
  }

  /** One of the views of each example: (B, D) of (B, count, D). */
  private static Tensor view(Input output, int index, int count) {
    Tensor values = output.values();
    if (values.dim() != 3 || values.size(1) != count) {
      throw new IllegalArgumentException(
          "outputs are " + Arrays.toString(values.shape()) + ", expected (B, " + count + ", D)");
    }
    return values.narrow(1, index, 1).squeeze(1);
  }
}
