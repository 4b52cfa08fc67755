package dev.slipway.task;

import dev.slipway.model.Network;
import dev.slipway.model.Pass;
import dev.slipway.nn.Input;
import dev.slipway.nn.Inputs;
import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.tensor.Functional;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** One hidden layer over one flattened input of floats; a mean of inputs as its only buffer. */
final class Perceptron implements Network {
  private final ParameterSet parameters;
  private final ParameterSet buffers;
  private final SequencedMap<String, Integer> heads;

  Perceptron(long inputs, Map<String, Integer> heads, long seed) {
    this.heads = new LinkedHashMap<>(heads);
    List<ParameterSpec> specs = new ArrayList<>();
    specs.add(ParameterSpec.matrix("hidden.weight", 24, inputs, 0.5));
    specs.add(ParameterSpec.vector("hidden.bias", 24, 0));
    heads.forEach(
        (name, width) -> {
          specs.add(ParameterSpec.matrix(name + ".weight", width, 24, 0.3));
          specs.add(ParameterSpec.vector(name + ".bias", width, 0));
        });
    parameters = ParameterSet.allocate(specs);
    parameters.initialise(seed);
    buffers = ParameterSet.frozen(List.of(ParameterSpec.vector("mean", 1, 0)));
  }

  @Override
  public ParameterSet parameters() {
    return parameters;
  }

  @Override
  public ParameterSet buffers() {
    return buffers;
  }

  @Override
  public SequencedMap<String, Tensor> forward(Inputs inputs, Pass pass) {
    Input input = inputs.single();
    Tensor x = input.values().reshape(input.values().size(0), -1);
    if (pass.training()) {
      try (NoGrad _ = NoGrad.open()) {
        buffers.flat().mulInPlace(0.9).addInPlace(x.mean().view(1), 0.1);
      }
    }
    Tensor hidden =
        Functional.linear(x, parameters.value("hidden.weight"), parameters.value("hidden.bias"))
            .tanh();
    pass.watch().output("hidden", hidden);
    SequencedMap<String, Tensor> outputs = new LinkedHashMap<>();
    heads.forEach(
        (name, width) ->
            outputs.put(
                name,
                Functional.linear(
                    hidden, parameters.value(name + ".weight"), parameters.value(name + ".bias"))));
    return outputs;
  }

  @Override
  public void close() {
    parameters.close();
    buffers.close();
  }
}
