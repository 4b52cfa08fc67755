package dev.slipway.tune;

import dev.slipway.tensor.Layers;
import dev.slipway.tensor.Tensor;

/**
 * Dropout (Srivastava et al. 2014) that an adapter's projections share. It draws from libtorch's
 * own generator, which training seeds by the micro-batch.
 */
final class Dropout {
  private final double share;
  private boolean training;

  /**
   * @param share of values that are dropped
   */
  Dropout(double share) {
    this.share = share;
  }

  void training(boolean training) {
    this.training = training;
  }

  /** Whether anything is dropped while it learns. */
  boolean everDrops() {
    return share > 0;
  }

  /** Whether anything is dropped now. */
  boolean drops() {
    return training && share > 0;
  }

  /** As {@code x}, with values dropped and the others scaled up while it learns. */
  Tensor apply(Tensor x) {
    return drops() ? Layers.dropout(x, share) : x;
  }
}
