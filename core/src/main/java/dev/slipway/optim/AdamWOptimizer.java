package dev.slipway.optim;

import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.tensor.kernel.Buffer;
import dev.slipway.tensor.kernel.optim.AdamW;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * AdamW over ranges of neighbouring parameters with one weight decay, in one pass over flat memory
 * whatever the number of parameters.
 *
 * <pre>
 * m ← β₁ m + (1 - β₁) g      v ← β₂ v + (1 - β₂) g²
 * θ ← θ (1 - η λ) - η m / (1 - β₁ᵗ) / (√(v / (1 - β₂ᵗ)) + ε)      t = step + 1
 * </pre>
 */
final class AdamWOptimizer implements Optimizer {
  private final OptimizerConfig.AdamW config;
  private final ParameterSet parameters;
  private final List<ParameterSpec> chosen;
  private Map<String, Double> rates;
  private AdamW kernel;
  private final Tensor firstMoment;
  private final Tensor secondMoment;

  /** The moments hold the chosen parameters only, one after the other. */
  AdamWOptimizer(
      OptimizerConfig.AdamW config, ParameterSet parameters, List<ParameterSpec> chosen) {
    this.config = config;
    this.parameters = parameters;
    this.chosen = List.copyOf(chosen);
    rates = parameters.rates();
    kernel = kernel(config, parameters, chosen);
    long size = chosen.stream().mapToLong(ParameterSpec::numel).sum();
    try (Scope scope = Scope.open()) {
      firstMoment = scope.keep(Tensor.zeros(DType.FLOAT32, size));
      secondMoment = scope.keep(Tensor.zeros(DType.FLOAT32, size));
    }
  }

  private static AdamW kernel(
      OptimizerConfig.AdamW config, ParameterSet parameters, List<ParameterSpec> chosen) {
    return new AdamW(
        ranges(config, parameters, chosen), config.beta1(), config.beta2(), config.epsilon());
  }

  private static List<AdamW.Range> ranges(
      OptimizerConfig.AdamW config, ParameterSet parameters, List<ParameterSpec> chosen) {
    List<AdamW.Range> ranges = new ArrayList<>();
    long stateFrom = 0;
    for (ParameterSpec spec : chosen) {
      long from = parameters.offset(spec.name());
      double decay = config.decay(spec.role());
      double rate = parameters.rates().getOrDefault(spec.name(), 1.0);
      AdamW.Range last = ranges.isEmpty() ? null : ranges.getLast();
      if (last != null
          && last.to() == from
          && last.weightDecay() == decay
          && last.rateFactor() == rate) {
        ranges.removeLast();
        ranges.add(
            new AdamW.Range(last.from(), from + spec.numel(), last.stateFrom(), decay, rate));
      } else {
        ranges.add(new AdamW.Range(from, from + spec.numel(), stateFrom, decay, rate));
      }
      stateFrom += spec.numel();
    }
    return ranges;
  }

  @Override
  public void step(long step, double factor, double gradientScale) {
    if (rates != parameters.rates()) {
      rates = parameters.rates();
      kernel = kernel(config, parameters, chosen);
    }
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
