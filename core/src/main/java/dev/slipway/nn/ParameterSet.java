package dev.slipway.nn;

import dev.slipway.tensor.DType;
import dev.slipway.tensor.Generator;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Every parameter of a network in one flat float32 buffer, its gradients in a second one of the
 * same layout. A parameter is a view; neighbours in the list of specs are neighbours in memory, so
 * that query, key and value weights are one matrix to a kernel. Optimizers, clipping and
 * checkpoints work on the flat buffers in one pass.
 */
public final class ParameterSet implements AutoCloseable {
  private final List<ParameterSpec> specs;
  private final Map<String, ParameterSpec> byName = new LinkedHashMap<>();
  private final Map<String, Long> offsets = new LinkedHashMap<>();
  private final Map<String, Tensor> values = new LinkedHashMap<>();
  private final Map<String, Tensor> gradients = new LinkedHashMap<>();
  private final Map<List<String>, Tensor> groups = new LinkedHashMap<>();
  private final Map<String, Tensor> frozen = new LinkedHashMap<>();
  private Map<String, Double> rates = Map.of();
  private final Tensor flat;
  private final @Nullable Tensor flatGradients;

  private ParameterSet(List<ParameterSpec> specs, boolean trainable) {
    this.specs = List.copyOf(specs);
    long total = 0;
    for (ParameterSpec spec : specs) {
      if (offsets.put(spec.name(), total) != null) {
        throw new IllegalArgumentException("two parameters are named " + spec.name());
      }
      byName.put(spec.name(), spec);
      total = Math.addExact(total, spec.numel());
    }
    try (Scope scope = Scope.open()) {
      flat = scope.keep(Tensor.zeros(DType.FLOAT32, total));
      flatGradients = trainable ? scope.keep(Tensor.zeros(DType.FLOAT32, total)) : null;
      for (ParameterSpec spec : specs) {
        Tensor value = scope.keep(slice(flat, spec.name()).detach());
        values.put(spec.name(), value);
        if (flatGradients != null) {
          Tensor gradient = scope.keep(slice(flatGradients, spec.name()).detach());
          value.setRequiresGrad(true);
          value.setGrad(gradient);
          gradients.put(spec.name(), gradient);
        }
      }
    }
  }

  /** Zeroed parameters; {@link #initialise} or a loader fills them. */
  public static ParameterSet allocate(List<ParameterSpec> specs) {
    return new ParameterSet(specs, true);
  }

  /** Zeroed parameters without gradients, for a model that only answers. */
  public static ParameterSet frozen(List<ParameterSpec> specs) {
    return new ParameterSet(specs, false);
  }

  /** Whether there are gradients. */
  public boolean trainable() {
    return flatGradients != null;
  }

  /**
   * Draws first values. Each parameter has a generator of its own, seeded by its name, so that
   * order does not matter.
   */
  public void initialise(long seed) {
    try (Scope scope = Scope.open()) {
      for (ParameterSpec spec : specs) {
        Tensor target = slice(flat, spec.name());
        switch (spec.init()) {
          case ParameterSpec.Init.Constant(double value) -> target.fillInPlace(value);
          case ParameterSpec.Init.Normal(double deviation) ->
              target.normalInPlace(0, deviation, generator(seed, spec));
          case ParameterSpec.Init.Uniform(double bound) ->
              target.uniformInPlace(-bound, bound, generator(seed, spec));
          case ParameterSpec.Init.Parts(List<Double> parts) -> {
            long size = spec.shape().getFirst() / parts.size();
            for (int part = 0; part < parts.size(); part++) {
              target.narrow(0, part * size, size).fillInPlace(parts.get(part));
            }
          }
          case ParameterSpec.Init.Orthogonal() -> {
            target.normalInPlace(0, 1, generator(seed, spec));
            int rows = Math.toIntExact(spec.shape().getFirst());
            float[] values = Orthonormal.of(target.toFloats(), rows);
            target.copyInPlace(Tensor.of(values, target.shape()));
          }
        }
      }
    }
  }

  private static Generator generator(long seed, ParameterSpec spec) {
    CRC32 crc = new CRC32();
    crc.update(spec.name().getBytes(StandardCharsets.UTF_8));
    return Generator.seeded(seed * 0x9E3779B97F4A7C15L ^ crc.getValue());
  }

  /**
   * The view of neighbouring parameters in a flat buffer of this layout: matrices (out, in) of one
   * width as one (Σ out, in), vectors as one vector.
   */
  Tensor slice(Tensor buffer, String... names) {
    List<Long> first = spec(names[0]).shape();
    long begin = offset(names[0]);
    long end = begin;
    for (String name : names) {
      List<Long> shape = spec(name).shape();
      if (offset(name) != end || !shape.subList(1, shape.size()).equals(tail(first))) {
        throw new IllegalArgumentException(
            name + " " + shape + " does not continue " + names[0] + " " + first + " in memory");
      }
      end += spec(name).numel();
    }
    long[] shape = first.stream().mapToLong(Long::longValue).toArray();
    shape[0] = (end - begin) / tail(first).stream().reduce(1L, (a, b) -> a * b);
    return buffer.narrow(0, begin, end - begin).view(shape);
  }

  private static List<Long> tail(List<Long> shape) {
    return shape.subList(1, shape.size());
  }

  private ParameterSpec spec(String name) {
    return named(byName, name);
  }

  public List<ParameterSpec> specs() {
    return specs;
  }

  /** Index of a parameter's first value in the flat buffers. */
  public long offset(String name) {
    return named(offsets, name);
  }

  private static <V> V named(Map<String, V> map, String name) {
    V value = map.get(name);
    if (value == null) {
      throw new IllegalArgumentException(
          "no parameter is named " + name + "; there are " + map.keySet());
    }
    return value;
  }

  public boolean has(String name) {
    return offsets.containsKey(name);
  }

  /** The parameter as a leaf of autograd whose gradient is the view of {@link #flatGradients()}. */
  public Tensor value(String name) {
    return named(values, name);
  }

  /**
   * Neighbours in memory as one leaf of autograd, such as query, key and value as one matrix; its
   * gradient lies in {@link #flatGradients()} too.
   */
  public Tensor group(String... names) {
    return groups.computeIfAbsent(
        List.of(names),
        _ -> {
          try (Scope scope = Scope.open()) {
            Tensor group = scope.keep(slice(flat, names).detach());
            if (flatGradients != null) {
              group.setRequiresGrad(true);
              group.setGrad(slice(flatGradients, names).detach());
            }
            return group;
          }
        });
  }

  public Tensor gradient(String name) {
    return named(gradients, name);
  }

  /**
   * Keeps parameters as they are from now on: no gradient is recorded for them, and {@link
   * #restoreFrozen} takes back what an optimizer did to them, such as weight decay.
   */
  public void freeze(Predicate<String> which) {
    try (Scope scope = Scope.open()) {
      for (ParameterSpec spec : specs) {
        if (which.test(spec.name()) && !frozen.containsKey(spec.name())) {
          Tensor value = value(spec.name());
          value.setRequiresGrad(false);
          frozen.put(spec.name(), scope.keep(value.copy()));
        }
      }
    }
  }

  /** Whether it was {@linkplain #freeze frozen}. */
  public boolean isFrozen(String name) {
    return frozen.containsKey(name);
  }

  /** To be called when an optimizer changed the parameters. */
  public void restoreFrozen() {
    frozen.forEach((name, kept) -> value(name).copyInPlace(kept));
  }

  /** Takes gradients away that a fused kernel wrote for what is frozen. */
  public void clearFrozenGradients() {
    frozen.keySet().forEach(name -> gradient(name).zeroInPlace());
  }

  /**
   * Shares of the learning rate with which parameters learn from now on, by name; those that are
   * not named learn with all of it, and 0 keeps one as it is.
   */
  public void learnAt(Map<String, Double> shares) {
    rates = Map.copyOf(shares);
  }

  /** What {@link #learnAt} was told last; another object each time it was told something. */
  public Map<String, Double> rates() {
    return rates;
  }

  /** All values, (N). */
  public Tensor flat() {
    return flat;
  }

  /** All gradients, (N). */
  public Tensor flatGradients() {
    if (flatGradients == null) {
      throw new IllegalStateException("these parameters are frozen: they have no gradients");
    }
    return flatGradients;
  }

  public long numel() {
    return flat.numel();
  }

  @Override
  public void close() {
    frozen.values().forEach(Tensor::close);
    groups.values().forEach(Tensor::close);
    values.values().forEach(Tensor::close);
    gradients.values().forEach(Tensor::close);
    flat.close();
    if (flatGradients != null) {
      flatGradients.close();
    }
  }
}
