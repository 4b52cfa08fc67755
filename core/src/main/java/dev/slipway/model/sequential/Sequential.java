package dev.slipway.model.sequential;

import dev.slipway.model.Network;
import dev.slipway.model.Pass;
import dev.slipway.model.sequential.CompositeLayer.Concatenate;
import dev.slipway.nn.Input;
import dev.slipway.nn.Inputs;
import dev.slipway.nn.ParameterSet;
import dev.slipway.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/** A network of layers, one after the other. */
public final class Sequential implements Network {
  private final SequentialConfig config;
  private final ParameterSet parameters;
  private final ParameterSet buffers;

  private Sequential(SequentialConfig config, ParameterSet parameters) {
    this.config = config;
    this.parameters = parameters;
    this.buffers = ParameterSet.frozen(config.buffers());
    buffers.initialise(0);
  }

  /** With PyTorch's first values, drawn from a seed. */
  public static Sequential create(SequentialConfig config, long seed) {
    return create(config, Initialiser.PYTORCH, seed);
  }

  /** With first values drawn from a seed. */
  public static Sequential create(SequentialConfig config, Initialiser initialiser, long seed) {
    Sequential network =
        new Sequential(config, ParameterSet.allocate(initialiser.of(config.parameters())));
    network.parameters.initialise(seed);
    return network;
  }

  /** With parameters of zero and without gradients, for a loader to fill. */
  static Sequential frozen(SequentialConfig config) {
    return new Sequential(config, ParameterSet.frozen(config.parameters()));
  }

  public SequentialConfig config() {
    return config;
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
    List<Layer> layers = config.layers();
    Input x =
        !layers.isEmpty() && layers.getFirst() instanceof Concatenate
            ? null
            : inputs.get(config.inputs().getFirst().name());
    for (int i = 0; i < layers.size(); i++) {
      Step step = new Step(Integer.toString(i), parameters, buffers, pass);
      Layer next = i + 1 < layers.size() ? layers.get(i + 1) : null;
      Optional<Input> both =
          x == null ? Optional.empty() : PictureStem.forward(layers.get(i), next, x, step);
      if (both.isPresent()) {
        x = both.get();
        pass.watch().output(step.path(), x.values());
        i++;
        pass.watch().output(Integer.toString(i), x.values());
        continue;
      }
      x =
          layers.get(i) instanceof Concatenate concatenate
              ? concatenate.forward(inputs, config.inputs(), step)
              : layers.get(i).forward(given(x), step);
      pass.watch().output(step.path(), x.values());
    }
    SequencedMap<String, Tensor> outputs = new LinkedHashMap<>();
    if (config.heads().isEmpty()) {
      outputs.put(OUTPUT, given(x).values());
    }
    for (Head head : config.heads()) {
      Step step = new Step(head.name(), parameters, buffers, pass);
      outputs.put(head.name(), Chain.forward(head.layers(), given(x), step).values());
    }
    return outputs;
  }

  private static Input given(@org.jspecify.annotations.Nullable Input x) {
    if (x == null) {
      throw new IllegalStateException("no layer joined the inputs");
    }
    return x;
  }

  @Override
  public void close() {
    parameters.close();
    buffers.close();
  }
}
