package dev.slipway.plan;

import dev.slipway.model.gpt.GptConfig;
import dev.slipway.tensor.DType;

/**
 * What a training step looks like to a machine.
 *
 * @param batch sequences in a step
 * @param accumulate micro-batches in a step; it divides {@code batch}
 * @param precision of matrix products: {@code FLOAT32} or {@code BFLOAT16}
 * @param checkpointing whether activations are computed again in the backward pass
 */
public record RunShape(
    GptConfig config,
    int batch,
    int accumulate,
    DType precision,
    Way way,
    boolean checkpointing,
    Update update) {
  /** How forward and backward are carried out. */
  public enum Way {
    KERNELS,
    AUTOGRAD
  }

  /** Which optimizer. */
  public enum Update {
    ADAMW,
    MUON
  }

  public RunShape {
    if (batch < 1 || accumulate < 1 || batch % accumulate != 0) {
      throw new IllegalArgumentException(
          "a step of " + batch + " sequences can't be cut into " + accumulate + " equal parts");
    }
  }

  /** Sequences in a micro-batch, B. */
  public int rows() {
    return batch / accumulate;
  }

  /** Tokens in a step. */
  public long tokensPerStep() {
    return (long) batch * config.context();
  }

  /** Tokens in a micro-batch, N. */
  public long tokensPerMicroBatch() {
    return (long) rows() * config.context();
  }

  public RunShape withAccumulate(int accumulate) {
    return new RunShape(config, batch, accumulate, precision, way, checkpointing, update);
  }

  public RunShape withBatch(int batch, int accumulate) {
    return new RunShape(config, batch, accumulate, precision, way, checkpointing, update);
  }

  public RunShape withCheckpointing(boolean checkpointing) {
    return new RunShape(config, batch, accumulate, precision, way, checkpointing, update);
  }

  /** Bytes of an activation. */
  int width() {
    return precision.bytes();
  }
}
