package dev.slipway.optim;

import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.tensor.kernel.Buffer;
import dev.slipway.tensor.kernel.optim.Descent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** An optimizer that is one {@link Descent.Rule}, in one pass over all parameters. */
final class DescentOptimizer implements Optimizer {
  private final double learningRate;
  private final ParameterSet parameters;
  private final Descent kernel;
  private final SequencedMap<String, Tensor> state = new LinkedHashMap<>();

  /**
   * @param names of the rule's states, in its order
   * @param initial what the states begin with
   */
  DescentOptimizer(
      Descent.Rule rule,
      double learningRate,
      OptimizerConfig.Penalty penalty,
      ParameterSet parameters,
      List<String> names,
      double initial) {
    this.learningRate = learningRate;
    Rates.refuse(parameters);
    this.parameters = parameters;
    kernel = new Descent(rule, ranges(parameters, penalty));
    try (Scope scope = Scope.open()) {
      for (String name : names) {
        state.put(name, scope.keep(Tensor.full(initial, DType.FLOAT32, parameters.numel())));
      }
    }
  }

  private static List<Descent.Range> ranges(
      ParameterSet parameters, OptimizerConfig.Penalty penalty) {
    List<Descent.Range> ranges = new ArrayList<>();
    for (ParameterSpec spec : parameters.specs()) {
      boolean free = spec.role() == ParameterSpec.Role.VECTOR;
      double l1 = free ? 0 : penalty.l1();
      double l2 = free ? 0 : penalty.l2();
      long from = parameters.offset(spec.name());
      long to = from + spec.numel();
      Descent.Range last = ranges.isEmpty() ? null : ranges.getLast();
      if (last != null && last.l1() == l1 && last.l2() == l2) {
        from = ranges.removeLast().from();
      }
      ranges.add(new Descent.Range(from, to, from, l1, l2));
    }
    return ranges;
  }

  @Override
  public void step(long step, double factor, double gradientScale) {
    kernel.step(
        Buffer.of(parameters.flat()),
        Buffer.of(parameters.flatGradients()),
        state.values().stream().map(Buffer::of).toList(),
        learningRate * factor,
        step + 1,
        gradientScale);
  }

  @Override
  public SequencedMap<String, Tensor> state() {
    return new LinkedHashMap<>(state);
  }

  @Override
  public void close() {
    state.values().forEach(Tensor::close);
  }
}
