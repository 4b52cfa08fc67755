package dev.slipway.nn.loss;

import dev.slipway.base.binding.Doc;
import dev.slipway.base.binding.InvalidSetting;
import java.util.Arrays;
import java.util.List;

/** How much each class counts. */
public sealed interface ClassWeights {
  @Doc("Rare classes count more: examples / (classes x examples of the class)")
  record Balanced() implements ClassWeights {}

  @Doc("A number a class")
  record Given(@Doc("Weights, in the order of the classes") List<Double> weights)
      implements ClassWeights {
    public Given {
      weights = List.copyOf(weights);
      for (double weight : weights) {
        if (!(weight >= 0) || Double.isInfinite(weight)) {
          throw new InvalidSetting("weights", String.valueOf(weight), "numbers of at least 0");
        }
      }
    }
  }

  /**
   * {@code n / (k nᶜ)} for k classes of nᶜ examples, n in all, as scikit-learn's {@code
   * class_weight="balanced"}; 0 for a class without examples.
   *
   * @param counts examples of each class in the training split
   */
  static Given balanced(long... counts) {
    double all = Arrays.stream(counts).sum();
    return new Given(
        Arrays.stream(counts)
            .mapToObj(count -> count == 0 ? 0.0 : all / (counts.length * (double) count))
            .toList());
  }
}
