package dev.slipway.nn;

import dev.slipway.tensor.DType;
import dev.slipway.tensor.Tensor;

/** The float32 parameters themselves; gradients land in the flat buffer by themselves. */
public record MasterWeights(ParameterSet parameters) implements Weights {
  @Override
  public Tensor value(String name) {
    return parameters.value(name);
  }

  @Override
  public Tensor operand(String... names) {
    return names.length == 1 ? parameters.value(names[0]) : parameters.group(names);
  }

  @Override
  public DType computeType() {
    return DType.FLOAT32;
  }
}
