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
    backward(network, chosen(states, batch), loss);
    return new Trunk.LossAndGradient(0, gradient.view(hidden.shape()));
  }

  private static void backward(CausalNetwork network, Tensor states, ScoreLoss loss) {
    Tensor scores = network.scores(states); // (B, 1)
    double[] derivatives = loss.gradient(doubles(scores.detach().toFloats()));
    float[] weights = new float[derivatives.length];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) derivatives[i];
    }
    scores.backward(Tensor.of(weights).view(weights.length, 1));
  }

  /** Scores (B) of states (B, C). */
  public static double[] scores(CausalNetwork network, Tensor states) {
    return doubles(network.scores(states).toFloats());
  }

  /**
   * Adds the head's gradients to those of what learns.
   *
   * @param states (B, C), whose own gradients are not known
   * @return the gradient to the states, (B, C) in float32
   */
  public static Tensor gradient(CausalNetwork network, Tensor states, ScoreLoss loss) {
    Tensor leaf = states.to(DType.FLOAT32).detach().setRequiresGrad(true); // (B, C)
    Tensor gradient = Tensor.zeros(DType.FLOAT32, leaf.shape()); // (B, C)
    leaf.setGrad(gradient);
    backward(network, leaf, loss);
    return gradient;
  }

  private static Tensor rows(Tensor hidden, TokenBatch batch) {
    return hidden.view(batch.tokens().length, hidden.size(2)); // (N, C)
  }

  /** The marked position of each row, (B, C), of states (N, C). */
  private static Tensor chosen(Tensor states, TokenBatch batch) {
    long[] places = batch.marked();
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
