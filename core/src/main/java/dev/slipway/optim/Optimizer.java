package dev.slipway.optim;

import dev.slipway.tensor.Tensor;
import java.util.SequencedMap;

/**
 * Changes parameters by their gradients. All that it remembers from step to step is in {@link
 * #state}: with the parameters, the state and the step's number a run goes on exactly.
 */
public interface Optimizer extends AutoCloseable {
  /**
   * One update.
   *
   * @param step from 0
   * @param factor of the peak learning rate, from a {@link Schedule}
   * @param gradientScale what the gradients are multiplied with as they are read, from clipping
   */
  void step(long step, double factor, double gradientScale);

  /** Flat float32 tensors by name, in a fixed order, for checkpoints; a loader writes into them. */
  SequencedMap<String, Tensor> state();

  @Override
  void close();
}
