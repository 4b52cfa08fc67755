package dev.slipway.nn;

import dev.slipway.tensor.DType;
import dev.slipway.tensor.Functional;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A copy of the parameters in a smaller type for matrix products, beside float32 masters (mixed
 * precision, Micikevicius et al. 2018, §3.1). The copy is one flat buffer, made anew in one pass
 * when the masters changed; its gradients are added to the masters' after each backward.
 */
public final class ShadowWeights implements Weights, AutoCloseable {
  private record Leaf(Tensor value, Tensor masterGradient) {}

  private final ParameterSet parameters;
  private final DType computeType;
  private final Tensor flat;
  private final Map<List<String>, Leaf> leaves = new LinkedHashMap<>();

  public ShadowWeights(ParameterSet parameters, DType computeType) {
    this.parameters = parameters;
    this.computeType = computeType;
    try (Scope scope = Scope.open()) {
      flat = scope.keep(Tensor.empty(computeType, parameters.numel()));
    }
    refresh();
  }

  /** Copies the masters; call it when they changed. */
  public void refresh() {
    try (Scope _ = Scope.open()) {
      flat.copyInPlace(parameters.flat());
    }
  }

  /** Adds the gradients of the copy to those of the masters and forgets them. */
  public void collectGradients() {
    for (Leaf leaf : leaves.values()) {
      Tensor gradient = leaf.value.grad();
      if (gradient != null) {
        leaf.masterGradient.addInPlace(gradient, 1);
        Functional.clearGrad(leaf.value);
      }
    }
  }

  @Override
  public Tensor value(String name) {
    return parameters.value(name);
  }

  @Override
  public Tensor operand(String... names) {
    return leaves.computeIfAbsent(List.of(names), this::leaf).value;
  }

  private Leaf leaf(List<String> names) {
    String[] array = names.toArray(String[]::new);
    try (Scope scope = Scope.open()) {
      Tensor value = scope.keep(parameters.slice(flat, array).detach());
      if (!parameters.trainable()) {
        return new Leaf(value, value);
      }
      value.setRequiresGrad(true);
      return new Leaf(
          value, scope.keep(parameters.slice(parameters.flatGradients(), array).detach()));
    }
  }

  @Override
  public DType computeType() {
    return computeType;
  }

  @Override
  public void close() {
    for (Leaf leaf : new ArrayList<>(leaves.values())) {
      leaf.value.close();
      leaf.masterGradient.close();
    }
    flat.close();
  }
}
