package dev.slipway.model;

import dev.slipway.tokenizer.TokenBatch;

/** An execution that can also learn a loss of whole rows, such as a preference between answers. */
public interface RowExecution extends Execution {
  /** A loss that is a function of the log-probability of each row's targets. */
  @FunctionalInterface
  interface RowLoss {
    /**
     * Derivatives of the loss with respect to each row's log-probability.
     *
     * @param logProbabilities (B), in nats, summed over a row's learnt positions
     */
    double[] gradient(double[] logProbabilities);
  }

  /** Adds the gradient of a loss of rows to the flat gradients. */
  void forwardBackward(TokenBatch batch, RowLoss loss);
}
