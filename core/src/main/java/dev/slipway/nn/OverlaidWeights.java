package dev.slipway.nn;

import dev.slipway.tensor.DType;
import dev.slipway.tensor.Tensor;

/**
 * Some parameters over a network's others: those that learn over a checkpoint's own, which stay as
 * they are.
 *
 * @param names which those are
 * @param over has them
 * @param under has all the rest
 */
public record OverlaidWeights(ParameterSet names, Weights over, Weights under) implements Weights {
  @Override
  public Tensor value(String name) {
    return names.has(name) ? over.value(name) : under.value(name);
  }

  @Override
  public Tensor table(String name) {
    return names.has(name) ? over.table(name) : under.table(name);
  }

  @Override
  public Tensor operand(String... operands) {
    int learning = 0;
    for (String name : operands) {
      learning += names.has(name) ? 1 : 0;
    }
    if (learning != 0 && learning != operands.length) {
      throw new IllegalArgumentException("parameters that learn and others are no neighbours");
    }
    return learning == 0 ? under.operand(operands) : over.operand(operands);
  }

  @Override
  public ProjectionSlot linear(String name, boolean bias) {
    return learns(name) ? Weights.super.linear(name, bias) : under.linear(name, bias);
  }

  @Override
  public ProjectionSlot conv1d(String name) {
    return learns(name) ? Weights.super.conv1d(name) : under.conv1d(name);
  }

  private boolean learns(String module) {
    return names.has(module + ".weight") || names.has(module + ".bias");
  }

  @Override
  public DType computeType() {
    return under.computeType();
  }
}
