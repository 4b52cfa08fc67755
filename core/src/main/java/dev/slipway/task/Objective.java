package dev.slipway.task;

import dev.slipway.model.Pass;
import dev.slipway.nn.ParameterSet;
import dev.slipway.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * A model bound to its task and its prepared data: all that the training loop knows of what is
 * learnt.
 *
 * <p>A micro-batch is a pure function of its index (0, 1, 2 … over the whole run), so resuming is
 * arithmetic.
 */
public interface Objective extends AutoCloseable {
  ParameterSet parameters();

  /**
   * How many positions micro-batch {@code index} teaches: its weight beside others of the same
   * step.
   */
  int targetCount(long index);

  /**
   * Adds {@code scale} times the gradient of the summed loss of a micro-batch; gives the summed
   * loss, not scaled.
   */
  double forwardBackward(long index, double scale);

  /**
   * What training changes beside the parameters, such as the running statistics of a batch norm, by
   * a name of its own; saved with checkpoints and filled from them. The same tensors every time.
   */
  default SequencedMap<String, Tensor> state() {
    return new LinkedHashMap<>();
  }

  /**
   * From now on {@link #forwardBackward} shows each layer's output to the watch, which only looks.
   * An objective whose execution has no layers to show does nothing.
   */
  default void watchLayers(Pass.Watch watch) {}

  /** What people call the layer whose parameters' names begin so. */
  default String layerName(String layer) {
    return layer;
  }

  /**
   * Told before the first step, and before training goes on, of how many steps there are in all.
   */
  default void begin(long steps) {}

  /**
   * Adds the gradient of what keeps the parameters in form to theirs, once a step, after those of
   * its micro-batches; gives that term of the loss.
   */
  default double regularise() {
    return 0;
  }

  /**
   * Told before the optimizer's step, when the gradients are whole.
   *
   * @param step counted from 0
   */
  default void updating(long step) {}

  /**
   * Told after the optimizer's step, while the gradients are still there; may change parameters.
   *
   * @param step counted from 1
   * @param gradientScale what the optimizer multiplied the gradients by to clip them
   */
  default void stepped(long step, double gradientScale) {}

  /** The first micro-batch token by token, for people; empty where nobody reads it. */
  default List<ShownRow> firstBatch() {
    return List.of();
  }

  /** Called once the first micro-batch was shown, to refuse what must not be learnt. */
  default void checkFirstBatch() {}

  /** To be called after the parameters changed. */
  void parametersChanged();

  /** Whether there is a validation split. */
  default boolean hasValidation() {
    return true;
  }

  /**
   * Mean loss over the first {@code batches} of the validation split, or over all of it when that
   * is fewer.
   */
  double validationLoss(int batches);

  /** What else the last {@link #validationLoss} came to, by name, such as {@code accuracy}. */
  default SequencedMap<String, Double> validationMetrics() {
    return new LinkedHashMap<>();
  }

  /** Ids of the records in a micro-batch, for the error that names them. */
  List<String> recordIds(long index);

  @Override
  void close();
}
