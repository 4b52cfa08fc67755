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

  /**
   * The linear map of a module in its slot, of {@code NAME.weight} (out, in), and {@code NAME.bias}
   * (out) where it has one.
   */
  default ProjectionSlot linear(String name, boolean bias) {
    Tensor weight = operand(name + ".weight");
    return new ProjectionSlot(
        name,
        weight.size(1),
        weight.size(0),
        new Projection.Dense(weight, bias ? operand(name + ".bias") : null));
  }

  /** As {@link #linear}, of {@code NAME.weight} (in, out) and {@code NAME.bias} (out). */
  default ProjectionSlot conv1d(String name) {
    Tensor weight = operand(name + ".weight");
    return new ProjectionSlot(
        name,
        weight.size(0),
        weight.size(1),
        new Projection.Conv1D(weight, operand(name + ".bias")));
  }

  /** The type in which matrix products are done. */
  DType computeType();
}
