package dev.slipway.tune;

import dev.slipway.nn.ParameterSpec;
import dev.slipway.nn.Weights;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Tensor;
import java.util.List;

/** Weights of the right shapes that take no memory, to see which projections a network has. */
record ShapeWeights(List<ParameterSpec> parameters) implements Weights {
  @Override
  public Tensor value(String name) {
    return parameters.stream()
        .filter(spec -> spec.name().equals(name))
        .findFirst()
        .map(
            spec ->
                Tensor.zeros(DType.FLOAT32, 1)
                    .expand(spec.shape().stream().mapToLong(Long::longValue).toArray()))
        .orElseThrow(() -> new IllegalArgumentException("no parameter is named " + name));
  }

  @Override
  public Tensor operand(String... names) {
    return value(names[0]);
  }

  @Override
  public DType computeType() {
    return DType.FLOAT32;
  }
}
