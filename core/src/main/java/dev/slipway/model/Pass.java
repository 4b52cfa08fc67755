package dev.slipway.model;

import dev.slipway.tensor.Tensor;

/**
 * How a network is run.
 *
 * @param training whether dropout drops and batch norm takes the batch's statistics
 * @param watch is shown each layer's output
 */
public record Pass(boolean training, Watch watch) {
  /** Learning, unwatched. */
  public static final Pass TRAINING = new Pass(true, (layer, output) -> {});

  /** Answering, unwatched. */
  public static final Pass INFERENCE = new Pass(false, (layer, output) -> {});

  /** Sees what layers give, for the diagnosis of training. */
  @FunctionalInterface
  public interface Watch {
    void output(String layer, Tensor output);
  }
}
