package dev.slipway.model;

import dev.slipway.tokenizer.TokenBatch;

/**
 * How a network whose head gives one number scores texts and learns of scores. A batch marks by a
 * target the position of each row whose hidden state is scored.
 */
public interface ScoreExecution extends AutoCloseable {
  /** A loss that is a function of all rows' scores. */
  @FunctionalInterface
  interface ScoreLoss {
    /**
     * Derivatives of the loss with respect to each row's score.
     *
     * @param scores (B)
     */
    double[] gradient(double[] scores);
  }

  /** For people: {@code autograd fp32}. */
  String name();

  /** The score of each row, (B); no gradients. */
  double[] scores(TokenBatch batch);

  /** Adds the gradient of a loss of scores to the flat gradients. */
  void forwardBackward(TokenBatch batch, ScoreLoss loss);

  /** To be called after the parameters changed. */
  void parametersChanged();

  @Override
  void close();
}
