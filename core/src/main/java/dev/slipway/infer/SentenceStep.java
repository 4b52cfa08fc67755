package dev.slipway.infer;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.model.pretrained.SentenceModules.Step;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Functional;
import dev.slipway.tensor.Layers;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.weights.ShardedWeights;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A module after pooling, with its weights. */
sealed interface SentenceStep {
  /** (B, in) to (B, out). */
  Tensor apply(Tensor x);

  /** Width of the result. */
  int width(int in);

  void close();

  /**
   * @param in width of what comes
   */
  static SentenceStep open(Step step, int in) {
    return switch (step) {
      case Step.Normalize _ -> new Normalize();
      case Step.Dense dense -> Dense.open(dense, in);
    };
  }

  /** To length 1. */
  record Normalize() implements SentenceStep {
    @Override
    public Tensor apply(Tensor x) {
      return Functional.normalize(x);
    }

    @Override
    public int width(int in) {
      return in;
    }

    @Override
    public void close() {}
  }

  /** A linear map and an activation. */
  record Dense(Tensor weight, @Nullable Tensor bias, String activation) implements SentenceStep {
    static Dense open(Step.Dense step, int in) {
      try (ShardedWeights weights = ShardedWeights.open(step.folder());
          Scope scope = Scope.open()) {
        Tensor weight = read(weights, step, "linear.weight", List.of((long) step.out(), (long) in));
        Tensor bias =
            step.bias() ? read(weights, step, "linear.bias", List.of((long) step.out())) : null;
        return new Dense(
            scope.keep(weight), bias == null ? null : scope.keep(bias), step.activation());
      }
    }

    private static Tensor read(
        ShardedWeights weights, Step.Dense step, String name, List<Long> expected) {
      if (!weights.names().contains(name)) {
        throw new SlipwayException(
            Exit.INPUT,
            "weights.missing-tensor",
            step.folder() + " lacks " + name + ", which modules.json calls for",
            "copy or download the folder again");
      }
      if (!weights.shape(name).equals(expected)) {
        throw new SlipwayException(
            Exit.INPUT,
            "weights.wrong-shape",
            name
                + " in "
                + step.folder()
                + " has shape "
                + weights.shape(name)
                + ", expected "
                + expected,
            "check that the folder belongs to this model");
      }
      return weights.tensor(name).to(DType.FLOAT32).copy();
    }

    @Override
    public Tensor apply(Tensor x) {
      Tensor y = Functional.linear(x, weight, bias);
      return switch (activation) {
        case "Tanh" -> y.tanh();
        case "ReLU" -> Layers.relu(y);
        case "GELU" -> y.gelu(false);
        case "Sigmoid" -> y.sigmoid();
        default -> y;
      };
    }

    @Override
    public int width(int in) {
      return Math.toIntExact(weight.size(0));
    }

    @Override
    public void close() {
      weight.close();
      if (bias != null) {
        bias.close();
      }
    }
  }
}
