package dev.slipway.tune;

import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * New parameters put into a network from outside, around the projections that stand in its slots.
 * To be closed before the network is.
 */
public interface Adapter extends AutoCloseable {
  TuningMethod method();

  /** What is trained, under the names that PEFT gives it within the model. */
  ParameterSet parameters();

  /** Whether what only learning does, such as dropout, is done from now on; at first it is not. */
  default void training(boolean training) {}

  /** Told after the parameters changed. */
  default void parametersChanged() {}

  // ---- learning ----

  /** Told before the first step, and before training goes on, of how many steps there are. */
  default void begin(long steps) {}

  /**
   * Adds the gradient of what keeps the parameters in form to theirs, once a step, after the
   * batches' own.
   *
   * @return that term of the loss
   */
  default double regularise() {
    return 0;
  }

  /**
   * Told after an optimizer's step, while the gradients are still there; may change parameters.
   *
   * @param step counted from 1
   * @param gradientScale what the optimizer multiplied the gradients by to clip them
   */
  default void stepped(long step, double gradientScale) {}

  /** What learning changes beside the parameters, for checkpoints; the same tensors every time. */
  default SequencedMap<String, Tensor> state() {
    return new LinkedHashMap<>();
  }

  /** Told when it has been trained: from now on it only answers. */
  default void finish() {}

  // ---- what becomes of it ----

  /** What is saved, under the names of {@link #parameters}. */
  default SequencedMap<String, Tensor> tensors() {
    SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
    for (ParameterSpec spec : parameters().specs()) {
      tensors.put(spec.name(), parameters().value(spec.name()));
    }
    return tensors;
  }

  /** Whether all weights that it adapts are kept as (in, out), as GPT-2's are. */
  default boolean storedByInput() {
    return false;
  }

  /** Whether there are dense projections that do the same. */
  default boolean mergeable() {
    return true;
  }

  /**
   * Puts one dense projection in the place of each adapted one: the same answers at the price of
   * the base model, and nothing to be trained.
   *
   * @return the merged weights as the checkpoint stores them by module, and biases that changed by
   *     {@code MODULE.bias}; they live as long as this
   * @throws UnsupportedOperationException if it is not {@link #mergeable}
   */
  default SequencedMap<String, Tensor> merge() {
    throw new UnsupportedOperationException("no dense projection does what " + method() + " does");
  }

  /** Puts the network's own projections back. */
  @Override
  void close();
}
