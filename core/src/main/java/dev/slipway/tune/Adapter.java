package dev.slipway.tune;

import dev.slipway.nn.ParameterSet;
import dev.slipway.tensor.Tensor;
import java.util.SequencedMap;

/**
 * New parameters put into a network from outside, around the projections that stand in its slots.
 * To be closed before the network is.
 */
public interface Adapter extends AutoCloseable {
  /** What is trained, under the names that PEFT gives it within the model. */
  ParameterSet parameters();

  /** Whether what only learning does, such as dropout, is done from now on; at first it is not. */
  void training(boolean training);

  /**
   * Puts one dense projection in the place of each adapted one: the same answers at the price of
   * the base model, and nothing to be trained.
   *
   * @return the merged weights (out, in) by their module, which live as long as this
   */
  SequencedMap<String, Tensor> merge();

  /** Puts the network's own projections back. */
  @Override
  void close();
}
