package dev.slipway.model.gpt;

import dev.slipway.model.CausalAutograd;
import dev.slipway.model.CausalNetwork;
import dev.slipway.model.Execution;
import dev.slipway.nn.MasterWeights;
import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.Segment;
import dev.slipway.nn.ShadowWeights;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Tensor;
import dev.slipway.tokenizer.TokenBatch;
import java.util.List;

/**
 * Forward and backward of {@link Gpt} by libtorch's autograd: for any configuration, and the
 * reference that kernels are compared with.
 */
public final class GptAutograd implements Execution {
  private final GptTables tables;
  private final CausalAutograd autograd;

  public GptAutograd(GptConfig config, ParameterSet parameters, DType computeType) {
    this(config, parameters, computeType, false);
  }

  /**
   * @param computeType type of matrix products, FLOAT32 or BFLOAT16
   * @param checkpointing whether a block's activations are made again in the backward pass in place
   *     of being kept (Chen et al. 2016): memory of one block for a third more time
   */
  public GptAutograd(
      GptConfig config, ParameterSet parameters, DType computeType, boolean checkpointing) {
    ShadowWeights shadow =
        computeType == DType.FLOAT32 ? null : new ShadowWeights(parameters, computeType);
    Gpt gpt = new Gpt(config, shadow == null ? new MasterWeights(parameters) : shadow);
    tables = new GptTables(config, computeType);
    autograd = new CausalAutograd(causal(gpt, tables), computeType, shadow, checkpointing);
  }

  private static CausalNetwork causal(Gpt gpt, GptTables tables) {
    return new CausalNetwork() {
      @Override
      public int vocabularySize() {
        return gpt.config().vocabularySize();
      }

      @Override
      public int hiddenSize() {
        return gpt.config().hiddenSize();
      }

      @Override
      public List<Segment> segments(TokenBatch batch) {
        return gpt.segments(tables.of(batch));
      }

      @Override
      public Tensor logits(Tensor hidden) {
        return gpt.logits(hidden);
      }
    };
  }

  @Override
  public String name() {
    return autograd.name();
  }

  @Override
  public double forwardBackward(TokenBatch batch, double scale) {
    return autograd.forwardBackward(batch, scale);
  }

  @Override
  public float[] losses(TokenBatch batch, boolean[] correct) {
    return autograd.losses(batch, correct);
  }

  @Override
  public void parametersChanged() {
    autograd.parametersChanged();
  }

  @Override
  public void close() {
    autograd.close();
    tables.close();
  }
}
