package dev.slipway.nn;

import dev.slipway.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * The linear maps of a network, each in a {@link ProjectionSlot} under its module's name.
 * Neighbours in memory that read the same input are one product for as long as what stands in their
 * slots is what stood there at first.
 */
public final class Projections {
  private final Weights weights;
  private final SequencedMap<String, ProjectionSlot> slots = new LinkedHashMap<>();
  private final Map<List<String>, Together> together = new HashMap<>();

  private record Together(List<ProjectionSlot> slots, List<Projection> first, Projection whole) {
    boolean isAsItWas() {
      for (int i = 0; i < first.size(); i++) {
        if (slots.get(i).projection() != first.get(i)) {
          return false;
        }
      }
      return true;
    }
  }

  /**
   * @param weights has {@code MODULE.weight} (out, in) and {@code MODULE.bias} (out) of each module
   */
  public Projections(Weights weights) {
    this.weights = weights;
  }

  /** Dense maps with biases; several modules are neighbours in memory. */
  public void add(String... modules) {
    for (String module : modules) {
      addTied(module, module + ".weight", module + ".bias");
    }
    if (modules.length > 1) {
      List<ProjectionSlot> own = new ArrayList<>();
      for (String module : modules) {
        own.add(slot(module));
      }
      together.put(
          List.of(modules),
          new Together(
              own,
              own.stream().map(ProjectionSlot::projection).toList(),
              new Projection.Dense(
                  weights.operand(suffixed(modules, ".weight")),
                  weights.operand(suffixed(modules, ".bias")))));
    }
  }

  /**
   * A dense map of parameters with other names, such as a head that is tied to the embedding.
   *
   * @param weight name of the parameter (out, in)
   * @param bias name of the parameter (out)
   */
  public void addTied(String module, String weight, String bias) {
    Tensor operand = weights.operand(weight);
    Projection dense = new Projection.Dense(operand, weights.operand(bias));
    slots.put(module, new ProjectionSlot(module, operand.size(1), operand.size(0), dense));
  }

  private static String[] suffixed(String[] modules, String suffix) {
    String[] names = modules.clone();
    for (int i = 0; i < names.length; i++) {
      names[i] += suffix;
    }
    return names;
  }

  /** All slots by their modules' names, in the order of the network. */
  public SequencedMap<String, ProjectionSlot> slots() {
    return Collections.unmodifiableSequencedMap(slots);
  }

  private ProjectionSlot slot(String module) {
    ProjectionSlot slot = slots.get(module);
    if (slot == null) {
      throw new IllegalArgumentException(
          "no linear map is named " + module + "; there are " + slots.keySet());
    }
    return slot;
  }

  /** {@code x} (…, in) through one module, (…, out). */
  public Tensor apply(String module, Tensor x) {
    return slot(module).apply(x);
  }

  /** {@code x} (…, in) through modules that were added together, side by side: (…, Σ out). */
  public Tensor apply(List<String> modules, Tensor x) {
    Together whole = together.get(modules);
    if (whole != null && whole.isAsItWas()) {
      return whole.whole.apply(x);
    }
    List<Tensor> parts = new ArrayList<>();
    for (String module : modules) {
      parts.add(apply(module, x));
    }
    return Tensor.cat(parts, -1);
  }
}
