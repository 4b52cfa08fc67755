package dev.slipway.optim;

import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * AdamW over runs of neighbouring parameters with one weight decay, so that a step is a few passes
 * over flat memory whatever the number of parameters.
 *
 * <pre>
 * m ← β₁ m + (1 - β₁) g      v ← β₂ v + (1 - β₂) g²
 * θ ← θ (1 - η λ) - η m / (1 - β₁ᵗ) / (√(v / (1 - β₂ᵗ)) + ε)      t = step + 1
 * </pre>
 */
final class AdamWOptimizer implements Optimizer {
  // Bounds the temporary for the denominator.
  private static final long CHUNK = 1 << 20;

  private final OptimizerConfig.AdamW config;
  private final ParameterSet parameters;
  private final List<Run> runs;
  private final Tensor firstMoment;
  private final Tensor secondMoment;

  /**
   * Neighbours in memory that are treated alike.
   *
   * @param offset in the flat parameters
   * @param stateOffset in the moments, which hold the chosen parameters only
   */
  private record Run(long offset, long stateOffset, long length, double decay) {
    boolean continuesAt(long next, double nextDecay) {
      return offset + length == next && decay == nextDecay;
    }

    Run longer(long by) {
      return new Run(offset, stateOffset, length + by, decay);
    }
  }

  AdamWOptimizer(
      OptimizerConfig.AdamW config, ParameterSet parameters, List<ParameterSpec> chosen) {
    this.config = config;
    this.parameters = parameters;
    this.runs = runs(config, parameters, chosen);
    long size = chosen.stream().mapToLong(ParameterSpec::numel).sum();
    try (Scope scope = Scope.open()) {
      firstMoment = scope.keep(Tensor.zeros(DType.FLOAT32, size));
      secondMoment = scope.keep(Tensor.zeros(DType.FLOAT32, size));
    }
  }

  private static List<Run> runs(
      OptimizerConfig.AdamW config, ParameterSet parameters, List<ParameterSpec> chosen) {
    List<Run> runs = new ArrayList<>();
    long stateOffset = 0;
    for (ParameterSpec spec : chosen) {
      long offset = parameters.offset(spec.name());
      double decay = config.decay(spec.role());
      if (!runs.isEmpty() && runs.getLast().continuesAt(offset, decay)) {
        runs.add(runs.removeLast().longer(spec.numel()));
      } else {
        runs.add(new Run(offset, stateOffset, spec.numel(), decay));
      }
      stateOffset += spec.numel();
    }
    return runs;
  }

  @Override
  public void step(long step, double factor, double gradientScale) {
    double learningRate = config.learningRate() * factor;
    double correction1 = 1 - StrictMath.pow(config.beta1(), step + 1);
    double correction2 = 1 - StrictMath.pow(config.beta2(), step + 1);
    for (Run run : runs) {
      for (long done = 0; done < run.length(); done += CHUNK) {
        long length = Math.min(CHUNK, run.length() - done);
        try (Scope _ = Scope.open()) {
          Tensor value = parameters.flat().narrow(0, run.offset() + done, length);
          Tensor gradient = parameters.flatGradients().narrow(0, run.offset() + done, length);
          Tensor m = firstMoment.narrow(0, run.stateOffset() + done, length);
          Tensor v = secondMoment.narrow(0, run.stateOffset() + done, length);
          m.mulInPlace(config.beta1()).addInPlace(gradient, (1 - config.beta1()) * gradientScale);
          v.mulInPlace(config.beta2())
              .addcmulInPlace(
                  gradient, gradient, (1 - config.beta2()) * gradientScale * gradientScale);
          Tensor denominator =
              v.sqrt().mulInPlace(1 / Math.sqrt(correction2)).add(config.epsilon());
          if (run.decay() != 0) {
            value.mulInPlace(1 - learningRate * run.decay());
          }
          value.addcdivInPlace(m, denominator, -learningRate / correction1);
        }
      }
    }
  }

  @Override
  public SequencedMap<String, Tensor> state() {
    SequencedMap<String, Tensor> state = new LinkedHashMap<>();
    state.put("adamw.first_moment", firstMoment);
    state.put("adamw.second_moment", secondMoment);
    return state;
  }

  @Override
  public void close() {
    firstMoment.close();
    secondMoment.close();
  }
}
