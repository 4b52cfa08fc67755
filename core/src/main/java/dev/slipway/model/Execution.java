package dev.slipway.model;

import dev.slipway.tokenizer.TokenBatch;

/**
 * How a network's forward and backward are carried out: by autograd (any network, any device, the
 * reference) or by fused kernels (the CPU, the shapes that they cover). Chosen outside the network;
 * both work on the same {@code ParameterSet}.
 */
public interface Execution extends AutoCloseable {
  /** For people: {@code autograd fp32}, {@code kernels bf16}. */
  String name();

  /**
   * Adds {@code scale} times the gradient of the summed cross-entropy to the flat gradients.
   *
   * @return the sum over the learnt positions of the cross-entropy in nats, not scaled
   */
  double forwardBackward(TokenBatch batch, double scale);

  /**
   * Cross-entropy in nats of every position, (B, T) row after row, 0 where ignored; no gradients.
   * Positions where the largest logit is the target are marked in {@code correct} when it is not
   * empty.
   */
  float[] losses(TokenBatch batch, boolean[] correct);

  /**
   * To be called after the parameters changed, so that a copy in another precision is made anew.
   */
  void parametersChanged();

  @Override
  void close();
}
