package dev.slipway.nn;

import dev.slipway.tensor.DType;
import dev.slipway.tensor.Tensor;

/** A network's parameters as its forward pass meets them. */
public interface Weights {
  /** A parameter in full precision: embeddings, norms. */
  Tensor value(String name);

  /** A parameter whose rows are looked up, in the type that it is kept in. */
  default Tensor table(String name) {
    return value(name);
  }

  /**
   * An operand of a matrix product, in {@link #computeType()}. Several names are neighbours in
   * memory and come as one: (out, in) matrices as (Σ out, in), vectors as one vector.
   */
  Tensor operand(String... names);

  /** The type in which matrix products are done. */
  DType computeType();
}
