package dev.slipway.model.sequential;

import dev.slipway.model.Pass;
import dev.slipway.nn.ParameterSet;
import dev.slipway.tensor.Tensor;

/**
 * One layer's place in a forward pass.
 *
 * @param path what its parameters' names begin with
 */
record Step(String path, ParameterSet parameters, ParameterSet buffers, Pass pass) {
  Tensor weight(String name) {
    return parameters.value(path + "." + name);
  }

  Tensor buffer(String name) {
    return buffers.value(path + "." + name);
  }

  Step inner(String name) {
    return new Step(path + "." + name, parameters, buffers, pass);
  }

  boolean training() {
    return pass.training();
  }

  /** Whether a parameter of the layer keeps its value. */
  boolean isFrozen(String name) {
    return parameters.isFrozen(path + "." + name);
  }
}
