package dev.slipway.nn;

import java.util.List;

/**
 * One parameter before it exists.
 *
 * @param name unique in its network, such as {@code layers.0.attn.q.weight}
 * @param shape sizes, outermost first; a weight is (out, in)
 * @param role how optimizers treat it
 * @param init its first values
 */
public record ParameterSpec(String name, List<Long> shape, Role role, Init init) {
  /**
   * What a parameter is to an optimizer: Muon takes the matrices, weight decay leaves vectors
   * alone.
   */
  public enum Role {
    MATRIX,
    EMBEDDING,
    HEAD,
    VECTOR
  }

  /** First values. */
  public sealed interface Init {
    /** Normal with mean 0. */
    record Normal(double deviation) implements Init {}

    /** Uniform between {@code -bound} and {@code bound}. */
    record Uniform(double bound) implements Init {}

    record Constant(double value) implements Init {}

    /** Equal parts along the first dimension, each of one value. */
    record Parts(List<Double> values) implements Init {
      public Parts {
        values = List.copyOf(values);
      }
    }

    /** A matrix whose rows or columns, whichever are fewer, are orthonormal (Saxe et al. 2014). */
    record Orthogonal() implements Init {}
  }

  public ParameterSpec {
    shape = List.copyOf(shape);
  }

  public static ParameterSpec matrix(String name, long out, long in, double deviation) {
    return new ParameterSpec(name, List.of(out, in), Role.MATRIX, new Init.Normal(deviation));
  }

  public static ParameterSpec vector(String name, long size, double value) {
    return new ParameterSpec(name, List.of(size), Role.VECTOR, new Init.Constant(value));
  }

  public long numel() {
    return shape.stream().mapToLong(Long::longValue).reduce(1, Math::multiplyExact);
  }
}
