package dev.slipway.nn;

import dev.slipway.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The linear maps of a network by the names that checkpoints give their modules, such as {@code
 * encoder.layer.0.attention.self.query}. Any can be replaced from outside (adapted, quantized), and
 * the network asks anew in each pass. Neighbours in memory that read the same input are one product
 * for as long as none of them was replaced.
 */
public final class Projections {
  private final Weights weights;
  private final SequencedMap<String, Projection> byModule = new LinkedHashMap<>();
  private final Map<List<String>, Projection> together = new HashMap<>();
  private final Set<String> replaced = new TreeSet<>();

  /**
   * @param weights has {@code MODULE.weight} (out, in) of each module, and {@code MODULE.bias}
   *     (out) where there is one
   */
  public Projections(Weights weights) {
    this.weights = weights;
  }

  /** Dense maps with biases; several modules are neighbours in memory. */
  public void add(String... modules) {
    add(true, modules);
  }

  /** Dense maps; several modules are neighbours in memory. */
  public void add(boolean withBias, String... modules) {
    for (String module : modules) {
      byModule.put(module, dense(withBias, module));
    }
    if (modules.length > 1) {
      together.put(List.of(modules), dense(withBias, modules));
    }
  }

  /**
   * A dense map whose weight has another module's place, such as a head tied to the embedding.
   *
   * @param weight name of the parameter
   * @param bias name of the parameter, or null
   */
  public void addTied(String module, String weight, @Nullable String bias) {
    byModule.put(
        module,
        new Projection.Dense(weights.operand(weight), bias == null ? null : weights.operand(bias)));
  }

  private Projection dense(boolean withBias, String... modules) {
    return new Projection.Dense(
        weights.operand(suffixed(modules, ".weight")),
        withBias ? weights.operand(suffixed(modules, ".bias")) : null);
  }

  private static String[] suffixed(String[] modules, String suffix) {
    String[] names = modules.clone();
    for (int i = 0; i < names.length; i++) {
      names[i] += suffix;
    }
    return names;
  }

  /** Names of all modules, in the order of the network. */
  public SequencedSet<String> names() {
    return Collections.unmodifiableSequencedSet(byModule.sequencedKeySet());
  }

  /** Whether something stands in a module's place that was put there from outside. */
  public boolean isReplaced(String module) {
    return replaced.contains(module);
  }

  public Projection get(String module) {
    Projection projection = byModule.get(module);
    if (projection == null) {
      throw new IllegalArgumentException(
          "no linear map is named " + module + "; there are " + byModule.keySet());
    }
    return projection;
  }

  /** Puts another map in a module's place, made from the one that is there. */
  public void replace(String module, UnaryOperator<Projection> change) {
    byModule.put(module, change.apply(get(module)));
    replaced.add(module);
  }

  /** {@code x} (…, in) through one module, (…, out). */
  public Tensor apply(String module, Tensor x) {
    return get(module).apply(x);
  }

  /** {@code x} (…, in) through modules that were added together, side by side: (…, Σ out). */
  public Tensor apply(List<String> modules, Tensor x) {
    Projection whole = together.get(modules);
    if (whole != null && modules.stream().noneMatch(replaced::contains)) {
      return whole.apply(x);
    }
    List<Tensor> parts = new ArrayList<>();
    for (String module : modules) {
      parts.add(get(module).apply(x));
    }
    return Tensor.cat(parts, -1);
  }
}
