package dev.slipway.optim;

import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.tensor.kernel.AdamW;
import dev.slipway.tensor.kernel.Buffer;
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
  private final OptimizerConfig.AdamW config;
  private final ParameterSet parameters;
  private final AdamW kernel;
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
    List<AdamW.Range> ranges =
        runs(config, parameters, chosen).stream()
            .map(
                run ->
                    new AdamW.Range(
                        run.offset(),
                        run.offset() + run.length(),
                        run.stateOffset(),
                        run.decay(),
                        1))
            .toList();
    kernel = new AdamW(ranges, config.beta1(), config.beta2(), config.epsilon());
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
    kernel.step(
        Buffer.of(parameters.flat()),
        Buffer.of(parameters.flatGradients()),
        Buffer.of(firstMoment),
        Buffer.of(secondMoment),
        config.learningRate() * factor,
        step + 1,
        gradientScale,
        null);
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
