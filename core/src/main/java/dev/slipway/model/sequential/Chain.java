package dev.slipway.model.sequential;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.model.LayerTable;
import dev.slipway.nn.Input;
import dev.slipway.nn.InputShape;
import dev.slipway.nn.ParameterSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A list of layers, one after the other; the parameters of the n-th are named {@code path.n}. */
final class Chain {
  private Chain() {}

  /**
   * The shape behind the last layer.
   *
   * @param where what precedes a layer's number in a sentence, or empty
   * @throws SlipwayException {@code model.shape} at the first layer that cannot take its input
   */
  static InputShape output(List<Layer> layers, String where, InputShape input) {
    InputShape shape = input;
    for (int i = 0; i < layers.size(); i++) {
      shape = output(layers.get(i), number(where, i), shape);
    }
    return shape;
  }

  static InputShape output(Layer layer, String number, InputShape input) {
    try {
      if (layer instanceof CompositeLayer.Concatenate && !number.equals("1")) {
        throw new Mismatch("to be the network's first layer", "put concatenate first");
      }
      return layer.output(input);
    } catch (Mismatch mismatch) {
      throw refused(layer, number, Shapes.text(input), mismatch);
    }
  }

  static SlipwayException refused(Layer layer, String number, String came, Mismatch mismatch) {
    return new SlipwayException(
        Exit.USAGE,
        "model.shape",
        "layer "
            + number
            + " ("
            + layer.kind()
            + "): came "
            + came
            + ", expected "
            + mismatch.expected(),
        mismatch.remedy());
  }

  private static String number(String where, int index) {
    return (where.isEmpty() ? "" : where + ".") + (index + 1);
  }

  static List<ParameterSpec> parameters(List<Layer> layers, String path, InputShape input) {
    List<ParameterSpec> specs = new ArrayList<>();
    InputShape shape = input;
    for (int i = 0; i < layers.size(); i++) {
      specs.addAll(layers.get(i).parameters(path + "." + i, shape));
      shape = layers.get(i).output(shape);
    }
    return specs;
  }

  static List<ParameterSpec> buffers(List<Layer> layers, String path, InputShape input) {
    List<ParameterSpec> specs = new ArrayList<>();
    InputShape shape = input;
    for (int i = 0; i < layers.size(); i++) {
      specs.addAll(layers.get(i).buffers(path + "." + i, shape));
      shape = layers.get(i).output(shape);
    }
    return specs;
  }

  static List<LayerTable.Row> rows(List<Layer> layers, String path, InputShape input) {
    List<LayerTable.Row> rows = new ArrayList<>();
    InputShape shape = input;
    for (int i = 0; i < layers.size(); i++) {
      rows.addAll(layers.get(i).rows(path + "." + i, shape));
      shape = layers.get(i).output(shape);
    }
    return rows;
  }

  static double flops(List<Layer> layers, InputShape input) {
    double sum = 0;
    InputShape shape = input;
    for (Layer layer : layers) {
      sum += layer.flops(shape);
      shape = layer.output(shape);
    }
    return sum;
  }

  static Input forward(List<Layer> layers, Input x, Step step) {
    Input y = x;
    for (int i = 0; i < layers.size(); i++) {
      Step inner = step.inner(Integer.toString(i));
      Layer next = i + 1 < layers.size() ? layers.get(i + 1) : null;
      Optional<Input> both = PictureStem.forward(layers.get(i), next, y, inner);
      if (both.isPresent()) {
        step.pass().watch().output(inner.path(), both.get().values());
        i++;
        y = both.get();
      } else {
        y = layers.get(i).forward(y, inner);
      }
      step.pass().watch().output(step.inner(Integer.toString(i)).path(), y.values());
    }
    return y;
  }
}
