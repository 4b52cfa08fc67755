package dev.slipway.model.sequential;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.model.LayerTable;
import dev.slipway.model.ModelConfig;
import dev.slipway.model.Network;
import dev.slipway.model.sequential.CompositeLayer.Concatenate;
import dev.slipway.nn.InputShape;
import dev.slipway.nn.ParameterSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A network as a list of layers, checked: every layer can take what the one before it gives.
 *
 * @param inputs that it takes; several are joined by {@code concatenate} as the first layer
 * @param layers of the trunk
 * @param heads lists of layers of their own behind the trunk; none for a network with one output
 */
public record SequentialConfig(List<InputShape> inputs, List<Layer> layers, List<Head> heads)
    implements ModelConfig {
  /**
   * @throws SlipwayException {@code model.shape} where a layer cannot take its input
   */
  public SequentialConfig {
    inputs = List.copyOf(inputs);
    layers = List.copyOf(layers);
    heads = List.copyOf(heads);
    if (layers.isEmpty() && heads.isEmpty()) {
      throw new SlipwayException(
          Exit.USAGE,
          "model.no-layers",
          "the network has no layer, expected at least one",
          "add layers to model.sequential");
    }
    if (inputs.isEmpty()) {
      throw new IllegalArgumentException("a network without an input");
    }
    Set<String> names = new HashSet<>();
    for (Head head : heads) {
      if (!names.add(head.name())) {
        throw new SlipwayException(
            Exit.USAGE,
            "model.heads",
            "two heads are named " + head.name() + ", expected each name once",
            "rename one of them");
      }
    }
    outputs(inputs, layers, heads);
  }

  public static SequentialConfig of(List<InputShape> inputs, List<Layer> layers) {
    return new SequentialConfig(inputs, layers, List.of());
  }

  /** The shape of each output, by head. */
  public SequencedMap<String, InputShape> outputs() {
    return outputs(inputs, layers, heads);
  }

  private static SequencedMap<String, InputShape> outputs(
      List<InputShape> inputs, List<Layer> layers, List<Head> heads) {
    InputShape first = first(inputs, layers);
    InputShape trunk = first;
    for (int i = 0; i < layers.size(); i++) {
      trunk = i == 0 && joins(layers) ? first : Chain.output(layers.get(i), "" + (i + 1), trunk);
    }
    SequencedMap<String, InputShape> outputs = new LinkedHashMap<>();
    if (heads.isEmpty()) {
      outputs.put(Network.OUTPUT, trunk);
    }
    for (Head head : heads) {
      outputs.put(head.name(), Chain.output(head.layers(), head.name(), trunk));
    }
    return outputs;
  }

  private static boolean joins(List<Layer> layers) {
    return !layers.isEmpty() && layers.getFirst() instanceof Concatenate;
  }

  /** What the first layer is given, or gives where it joins the inputs. */
  private static InputShape first(List<InputShape> inputs, List<Layer> layers) {
    if (!layers.isEmpty() && layers.getFirst() instanceof Concatenate concatenate) {
      try {
        return concatenate.join(inputs);
      } catch (Mismatch mismatch) {
        throw Chain.refused(concatenate, "1", text(inputs), mismatch);
      }
    }
    if (inputs.size() > 1) {
      throw new SlipwayException(
          Exit.USAGE,
          "model.inputs",
          "the network is given " + inputs.size() + " inputs: " + text(inputs) + ", expected one",
          "put concatenate first among the layers, or ask for one input in data.inputs");
    }
    return inputs.getFirst();
  }

  private static String text(List<InputShape> inputs) {
    return inputs.stream()
        .map(input -> input.name() + " " + Shapes.text(input))
        .collect(Collectors.joining(", "));
  }

  /** Each layer of the trunk and the heads with its path and the shape that it is given. */
  private void visit(Visitor visitor) {
    InputShape shape = first(inputs, layers);
    for (int i = 0; i < layers.size(); i++) {
      boolean joins = i == 0 && joins(layers);
      InputShape output = joins ? shape : layers.get(i).output(shape);
      visitor.layer(Integer.toString(i), layers.get(i), shape, output);
      shape = output;
    }
    for (Head head : heads) {
      InputShape inner = shape;
      for (int i = 0; i < head.layers().size(); i++) {
        InputShape output = head.layers().get(i).output(inner);
        visitor.layer(head.name() + "." + i, head.layers().get(i), inner, output);
        inner = output;
      }
    }
  }

  private interface Visitor {
    void layer(String path, Layer layer, InputShape input, InputShape output);
  }

  @Override
  public List<ParameterSpec> parameters() {
    List<ParameterSpec> specs = new ArrayList<>();
    visit(
        (path, layer, input, output) ->
            specs.addAll(
                layer instanceof Concatenate concatenate
                    ? concatenate.parameters(path, inputs)
                    : layer.parameters(path, input)));
    return specs;
  }

  /** What training changes without gradients. */
  public List<ParameterSpec> buffers() {
    List<ParameterSpec> specs = new ArrayList<>();
    visit((path, layer, input, output) -> specs.addAll(layer.buffers(path, input)));
    return specs;
  }

  /** What each layer gives and costs. */
  public LayerTable table() {
    List<LayerTable.Row> rows = new ArrayList<>();
    visit(
        (path, layer, input, output) ->
            rows.addAll(
                layer instanceof Concatenate concatenate
                    ? List.of(
                        Shapes.row(
                            path, layer.kind(), output, concatenate.parameters(path, inputs), 0))
                    : layer.rows(path, input)));
    return new LayerTable(rows);
  }

  /**
   * What each layer gives and costs where examples differ in length.
   *
   * @param lengths of an example in those inputs that differ, by name
   * @throws SlipwayException {@code model.shape} where a layer cannot take so long an example
   */
  public LayerTable table(Map<String, Integer> lengths) {
    List<InputShape> sized =
        inputs.stream()
            .map(
                input -> {
                  List<Long> sizes = new ArrayList<>(input.sizes());
                  if (input.isVariable()) {
                    sizes.set(0, (long) Math.max(1, lengths.getOrDefault(input.name(), 1)));
                  }
                  return new InputShape(input.name(), input.kind(), sizes, input.cardinalities());
                })
            .toList();
    return sized.equals(inputs)
        ? table()
        : new SequentialConfig(sized, layers, heads).table().shown(table());
  }
}
