package dev.slipway.task;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What tasks share: outputs by name, their shapes, rows of numbers, JSON. */
final class Heads {
  private Heads() {}

  static Tensor output(SequencedMap<String, Tensor> outputs, String name) {
    Tensor output = outputs.get(name);
    if (output == null) {
      throw new SlipwayException(
          Exit.USAGE,
          "task.output-missing",
          "the network has no output " + name + ", it has " + String.join(", ", outputs.keySet()),
          "name the network's heads as the task's");
    }
    return output;
  }

  /**
   * Proves that the network gives what the task needs.
   *
   * @throws SlipwayException {@code task.output-width}, {@code task.output-missing}
   */
  static void check(List<Task.Head> heads, SequencedMap<String, Tensor> outputs) {
    for (Task.Head head : heads) {
      long[] shape = output(outputs, head.name()).shape();
      int dimensions = head.byToken() ? 3 : 2;
      boolean fits =
          shape.length == dimensions
                  && (head.width() == Task.Head.ANY || shape[dimensions - 1] == head.width())
              || head.width() == 1 && !head.byToken() && shape.length == 1;
      if (!fits) {
        throw new SlipwayException(
            Exit.USAGE,
            "task.output-width",
            "the task has "
                + head.what()
                + " and needs ("
                + (head.byToken() ? "B, T, " : "B, ")
                + head.width()
                + "), the network gives ("
                + Arrays.stream(shape)
                    .skip(1)
                    .mapToObj(s -> ", " + s)
                    .collect(Collectors.joining("", "B", ""))
                + ")"
                + (heads.size() > 1 ? " as its output " + head.name() : ""),
            "end the network with dense: " + head.width());
      }
    }
  }

  /** (B, W), or (B) for a width of one, as rows of double. */
  static double[][] rows(Tensor scores) {
    int rows = (int) scores.size(0);
    double[] flat = scores.to(DType.FLOAT64).toDoubles();
    int width = rows == 0 ? 0 : flat.length / rows;
    double[][] result = new double[rows][];
    for (int row = 0; row < rows; row++) {
      result[row] = Arrays.copyOfRange(flat, row * width, (row + 1) * width);
    }
    return result;
  }

  /** Index of the largest, the first of equal ones. */
  static int argmax(double[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      if (values[i] > values[best]) {
        best = i;
      }
    }
    return best;
  }

  /** The most probable first. */
  static ArrayNode ranked(List<String> names, double[] probabilities, int top) {
    ArrayNode list = Json.array();
    List<Integer> order = new ArrayList<>(IntStream.range(0, names.size()).boxed().toList());
    order.sort(Comparator.comparingDouble((Integer i) -> -probabilities[i]));
    for (int i : order.subList(0, Math.clamp(top, 0, order.size()))) {
      list.addObject().put("label", names.get(i)).put("probability", probabilities[i]);
    }
    return list;
  }

  /** A schema of an object with these properties, all of them required. */
  static ObjectNode schema(SequencedMap<String, ObjectNode> properties) {
    ObjectNode schema = Json.object().put("type", "object");
    ObjectNode all = schema.putObject("properties");
    properties.forEach(all::set);
    ArrayNode required = schema.putArray("required");
    properties.keySet().forEach(required::add);
    return schema;
  }

  static ObjectNode type(String name) {
    return Json.object().put("type", name);
  }

  static ObjectNode probability() {
    return type("number").put("minimum", 0).put("maximum", 1);
  }

  static ObjectNode oneOf(List<String> names) {
    ObjectNode schema = type("string");
    ArrayNode all = schema.putArray("enum");
    names.forEach(all::add);
    return schema;
  }

  static ObjectNode listOf(ObjectNode items) {
    ObjectNode schema = type("array");
    schema.set("items", items);
    return schema;
  }
}
