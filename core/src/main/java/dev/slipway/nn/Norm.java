package dev.slipway.nn;

import dev.slipway.tensor.Functional;
import dev.slipway.tensor.Tensor;

/** Normalisation over the last dimension. */
public sealed interface Norm {
  /** Same shape in and out. */
  Tensor apply(Tensor x);

  /** {@code (x - mean) / √(var + ε) * w + b}. Ba, Kiros, Hinton 2016. */
  record LayerNorm(Tensor weight, Tensor bias, double epsilon) implements Norm {
    @Override
    public Tensor apply(Tensor x) {
      return Functional.layerNorm(x, weight, bias, epsilon);
    }
  }

  /** {@code x / √(mean(x²) + ε) * w}. Zhang, Sennrich 2019. */
  record RmsNorm(Tensor weight, double epsilon) implements Norm {
    @Override
    public Tensor apply(Tensor x) {
      return Functional.rmsNorm(x, weight, epsilon);
    }
  }

  /** {@code x / √(mean(x²) + ε) * (1 + w)}, with weights around zero. Gemma Team 2024. */
  record CentredRmsNorm(Tensor weight, double epsilon) implements Norm {
    @Override
    public Tensor apply(Tensor x) {
      return Functional.rmsNorm(x, weight.add(1), epsilon);
    }
  }
}
