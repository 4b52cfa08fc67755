package dev.slipway.model;

import dev.slipway.nn.ShadowWeights;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Tensor;
import dev.slipway.tokenizer.TokenBatch;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Scores forward and backward by libtorch's autograd. Not for several threads. */
public final class ScoreAutograd implements ScoreExecution {
  private final CausalNetwork network;
  private final Trunk trunk;

  /** As {@link CausalAutograd}. */
  public ScoreAutograd(
      CausalNetwork network,
      DType computeType,
      @Nullable ShadowWeights shadow,
      boolean checkpointing) {
    this.network = network;
    trunk = new Trunk(network, computeType, shadow, checkpointing);
  }

  @Override
  public String name() {
    return trunk.name();
  }

  @Override
  public double[] scores(TokenBatch batch) {
    List<float[]> scores = new ArrayList<>();
    trunk.look(
        batch,
        hidden ->
            scores.add(network.scores(chosen(rows(hidden, batch), batch)).toFloats())); // (B, 1)
    return doubles(scores.getFirst());
  }

  @Override
  public void forwardBackward(TokenBatch batch, ScoreLoss loss) {
    trunk.run(batch, hidden -> head(hidden, batch, loss));
  }

  private Trunk.LossAndGradient head(Tensor hidden, TokenBatch batch, ScoreLoss loss) {
    Tensor states = rows(hidden, batch).detach().setRequiresGrad(true); // (N, C)
    Tensor gradient = Tensor.zeros(DType.FLOAT32, states.size(0), states.size(1)); // (N, C)
    states.setGrad(gradient);
    Tensor scores = network.scores(chosen(states, batch)); // (B, 1)
    double[] derivatives = loss.gradient(doubles(scores.detach().toFloats()));
    float[] weights = new float[derivatives.length];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) derivatives[i];
    }
    scores.backward(Tensor.of(weights).view(weights.length, 1));
    return new Trunk.LossAndGradient(0, gradient.view(hidden.shape()));
  }

  private static Tensor rows(Tensor hidden, TokenBatch batch) {
    return hidden.view(batch.tokens().length, hidden.size(2)); // (N, C)
  }

  /** The marked position of each row, (B, C), of states (N, C). */
  private static Tensor chosen(Tensor states, TokenBatch batch) {
    long[] places = new long[batch.rows()];
    for (int i = 0; i < batch.targets().length; i++) {
      if (batch.targets()[i] != TokenBatch.IGNORED) {
        places[i / batch.columns()] = i;
      }
    }
    return states.indexSelect(0, Tensor.of(places, places.length)); // (B, C)
  }

  private static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      doubles[i] = values[i];
    }
    return doubles;
  }

  @Override
  public void parametersChanged() {
    trunk.parametersChanged();
  }

  @Override
  public void close() {
    trunk.close();
  }
}
