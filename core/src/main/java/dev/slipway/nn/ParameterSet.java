package dev.slipway.nn;

import dev.slipway.tensor.DType;
import dev.slipway.tensor.Generator;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * Every parameter of a network in one flat float32 buffer, its gradients in a second one of the
 * same layout. A parameter is a view; neighbours in the list of specs are neighbours in memory, so
 * that query, key and value weights are one matrix to a kernel. Optimizers, clipping and
 * checkpoints work on the flat buffers in one pass.
 */
public final class ParameterSet implements AutoCloseable {
  private final List<ParameterSpec> specs;
  private final Map<String, Long> offsets = new LinkedHashMap<>();
  private final Map<String, Tensor> values = new LinkedHashMap<>();
  private final Map<String, Tensor> gradients = new LinkedHashMap<>();
  private final Tensor flat;
  private final Tensor flatGradients;

  private ParameterSet(List<ParameterSpec> specs) {
    this.specs = List.copyOf(specs);
    long total = 0;
    for (ParameterSpec spec : specs) {
      if (offsets.put(spec.name(), total) != null) {
        throw new IllegalArgumentException("two parameters are named " + spec.name());
      }
      total = Math.addExact(total, spec.numel());
    }
    try (Scope scope = Scope.open()) {
      flat = scope.keep(Tensor.zeros(DType.FLOAT32, total));
      flatGradients = scope.keep(Tensor.zeros(DType.FLOAT32, total));
      for (ParameterSpec spec : specs) {
        Tensor value = scope.keep(slice(flat, spec).detach());
        Tensor gradient = scope.keep(slice(flatGradients, spec).detach());
        value.setRequiresGrad(true);
        value.setGrad(gradient);
        values.put(spec.name(), value);
        gradients.put(spec.name(), gradient);
      }
    }
  }

  /** Zeroed parameters; {@link #initialise} or a loader fills them. */
  public static ParameterSet allocate(List<ParameterSpec> specs) {
    return new ParameterSet(specs);
  }

  /**
   * Draws first values. Each parameter has a generator of its own, seeded by its name, so that
   * order does not matter.
   */
  public void initialise(long seed) {
    try (Scope scope = Scope.open()) {
      for (ParameterSpec spec : specs) {
        Tensor target = slice(flat, spec);
        switch (spec.init()) {
          case ParameterSpec.Init.Constant(double value) -> target.fillInPlace(value);
          case ParameterSpec.Init.Normal(double deviation) -> {
            CRC32 crc = new CRC32();
            crc.update(spec.name().getBytes(StandardCharsets.UTF_8));
            target.normalInPlace(
                0, deviation, Generator.seeded(seed * 0x9E3779B97F4A7C15L ^ crc.getValue()));
          }
        }
      }
    }
  }

  private Tensor slice(Tensor buffer, ParameterSpec spec) {
    long[] shape = spec.shape().stream().mapToLong(Long::longValue).toArray();
    return buffer.narrow(0, offset(spec.name()), spec.numel()).view(shape);
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

  public Tensor gradient(String name) {
    return named(gradients, name);
  }

  /** All values, (N). */
  public Tensor flat() {
    return flat;
  }

  /** All gradients, (N). */
  public Tensor flatGradients() {
    return flatGradients;
  }

  public long numel() {
    return flat.numel();
  }

  @Override
  public void close() {
    values.values().forEach(Tensor::close);
    gradients.values().forEach(Tensor::close);
    flat.close();
    flatGradients.close();
  }
}
