package dev.slipway.nn.loss;

import dev.slipway.nn.Input;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Losses;
import dev.slipway.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Cross-entropies. */
final class Classes {
  private Classes() {}

  static Optional<ClassWeights> numbers(Optional<ClassWeights> weights, long... counts) {
    return weights.isPresent() && weights.get() instanceof ClassWeights.Balanced
        ? Optional.of(ClassWeights.balanced(counts))
        : weights;
  }

  static Tensor crossEntropy(Loss.CrossEntropy loss, Input output, Input target) {
    Tensor values = output.values(); // (B, …, C)
    long classes = values.size(values.dim() - 1);
    long rows = values.numel() / classes;
    boolean soft = target.values().dtype() != DType.INT64;
    if (target.values().numel() != (soft ? rows * classes : rows)) {
      throw new IllegalArgumentException(
          "outputs are " + Arrays.toString(values.shape()) + ", targets " + target.values());
    }
    Tensor logits = values.reshape(rows, classes); // (N, C)
    Tensor wanted = soft ? target.values().reshape(rows, classes) : target.values().reshape(rows);
    Tensor weight = weight(loss.classWeights(), classes);
    Tensor losses =
        loss.focal().isPresent()
            ? focal(loss, loss.focal().get(), logits, wanted, weight)
            : Losses.crossEntropy(logits, wanted, weight, Loss.IGNORED, loss.labelSmoothing());
    long[] shape = Arrays.copyOf(values.shape(), values.dim() - 1);
    return Elements.sum(losses.view(shape), target);
  }

  private static @Nullable Tensor weight(Optional<ClassWeights> weights, long classes) {
    if (weights.isEmpty()) {
      return null;
    }
    double[] numbers = numbers(weights.get());
    if (numbers.length != classes) {
      throw new IllegalArgumentException(
          numbers.length + " class weights for " + classes + " classes");
    }
    return Tensor.of(numbers).to(DType.FLOAT32);
  }

  private static double[] numbers(ClassWeights weights) {
    return switch (weights) {
      case ClassWeights.Balanced() ->
          throw new IllegalStateException("balanced weights need the classes' counts first");
      case ClassWeights.Given(List<Double> given) ->
          given.stream().mapToDouble(Double::doubleValue).toArray();
    };
  }

  private static Tensor focal(
      Loss.CrossEntropy loss, double gamma, Tensor logits, Tensor wanted, @Nullable Tensor weight) {
    long classes = logits.size(1);
    Tensor logs = logits.logSoftmax(1); // (N, C)
    Tensor shares; // (N, C), zeros where ignored
    if (wanted.dim() == 2) {
      shares = smooth(wanted, loss.labelSmoothing(), classes);
    } else {
      Tensor column = wanted.view(-1, 1);
      Tensor oneHot = column.eq(Tensor.arange(classes, DType.INT64).view(1, -1)).to(DType.FLOAT32);
      Tensor learnt = column.ne(Loss.IGNORED).to(DType.FLOAT32);
      shares = smooth(oneHot, loss.labelSmoothing(), classes).mul(learnt);
    }
    if (weight != null) {
      shares = shares.mul(weight);
    }
    Tensor doubt = power(logs.exp().neg().add(1), gamma);
    return shares.mul(doubt).mul(logs).sum(1, false).neg();
  }

  private static Tensor smooth(Tensor shares, double smoothing, long classes) {
    return smoothing == 0 ? shares : shares.mul(1 - smoothing).add(smoothing / classes);
  }

  /** {@code x^γ} with rounding below 0 taken away, and a gradient of 0 rather than ∞ at 0. */
  private static Tensor power(Tensor x, double gamma) {
    return x.maskedFill(x.le(Tensor.zeros(DType.FLOAT32)), 1e-12).pow(gamma);
  }

  static long count(Input target) {
    Tensor values = target.values();
    if (values.dtype() == DType.INT64) {
      Tensor learnt = values.ne(Loss.IGNORED);
      if (target.lengths() != null) {
        learnt = Losses.where(learnt, Tensor.full(1, DType.FLOAT32).view(new long[0]));
        learnt =
            Losses.where(
                java.util.Objects.requireNonNull(Elements.mask(target.lengths(), values)), learnt);
      }
      return Math.round(learnt.to(DType.FLOAT64).sum().item());
    }
    return Elements.count(target) / values.size(values.dim() - 1);
  }

  static Tensor binary(Loss.BinaryCrossEntropy loss, Input output, Input target) {
    Tensor x = output.values(); // (B, …)
    Tensor wanted = smooth(Elements.like(target.values(), x), loss.labelSmoothing(), 2);
    Tensor losses;
    if (loss.classWeights().isEmpty() && loss.positiveWeights().isEmpty()) {
      losses = Losses.binaryCrossEntropy(x, wanted);
    } else {
      double[] byClass = loss.classWeights().map(Classes::numbers).orElse(new double[] {1, 1});
      Tensor yes = wanted.mul(byClass[1]);
      if (!loss.positiveWeights().isEmpty()) {
        long labels = x.size(x.dim() - 1);
        if (loss.positiveWeights().size() != labels) {
          throw new IllegalArgumentException(
              loss.positiveWeights().size() + " positive weights for " + labels + " labels");
        }
        yes =
            yes.mul(
                Tensor.of(
                        loss.positiveWeights().stream().mapToDouble(Double::doubleValue).toArray())
                    .to(DType.FLOAT32));
      }
      Tensor no = wanted.neg().add(1).mul(byClass[0]);
      losses = yes.mul(Losses.logSigmoid(x)).add(no.mul(Losses.logSigmoid(x.neg()))).neg();
    }
    if (loss.focal().isPresent()) {
      Tensor p = x.sigmoid();
      // 1 - pₜ = p + t - 2 p t
      Tensor doubt = p.add(wanted).sub(p.mul(wanted).mul(2));
      losses = losses.mul(power(doubt, loss.focal().get()));
    }
    return Elements.sum(losses, target);
  }
}
