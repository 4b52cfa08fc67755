package dev.slipway.model;

import dev.slipway.nn.ShadowWeights;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Functional;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.tokenizer.TokenBatch;
import org.jspecify.annotations.Nullable;

/**
 * Forward and backward of a {@link CausalNetwork} by libtorch's autograd: for any network, all or
 * some of whose parameters learn. In bfloat16 the matrix products work on a copy of the float32
 * weights; the residual stream, norms, softmax of the loss and gradients stay float32.
 *
 * <p>The head and its cross-entropy are done for some rows at a time, forward and backward, so that
 * logits of a whole batch never exist. Not for several threads.
 */
public final class CausalAutograd implements RowExecution {
  /** Values of logits at a time: 32 MiB in float32, which the allocator keeps for the next. */
  private static final int LOGITS_AT_A_TIME = 8 << 20;

  private final CausalNetwork network;
  private final Trunk trunk;

  /**
   * @param network its parameters stay the caller's
   * @param computeType type of matrix products, FLOAT32 or BFLOAT16
   * @param shadow the copy in that type that the network was made of, closed with this; null where
   *     it was made of the parameters themselves
   * @param checkpointing whether a block's activations are made again in the backward pass in place
   *     of being kept (Chen et al. 2016): memory of one block for a third more time
   */
  public CausalAutograd(
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
  public double forwardBackward(TokenBatch batch, double scale) {
    return trunk.run(batch, hidden -> head(hidden, batch, scale));
  }

  /**
   * {@inheritDoc} The head is done twice, once to know the log-probabilities and once with their
   * derivatives as weights; the rest of the network once.
   */
  @Override
  public void forwardBackward(TokenBatch batch, RowLoss loss) {
    trunk.run(batch, hidden -> head(hidden, batch, loss));
  }

  private Trunk.LossAndGradient head(Tensor hidden, TokenBatch batch, double scale) {
    long width = hidden.size(2);
    long rows = (long) batch.rows() * batch.columns();
    Tensor states = hidden.detach().view(rows, width); // (N, C)
    Tensor gradient = Tensor.zeros(DType.FLOAT32, rows, width); // (N, C)
    Tensor targets = Tensor.of(batch.targets(), rows).to(DType.INT64); // (N)
    Tensor weight = Tensor.of(new float[] {(float) scale}).view(new long[0]);
    double loss = 0;
    long chunk = chunk();
    for (long start = 0; start < rows; start += chunk) {
      long length = Math.min(chunk, rows - start);
      try (Scope _ = Scope.open()) {
        Tensor part = states.narrow(0, start, length).detach().setRequiresGrad(true); // (n, C)
        part.setGrad(gradient.narrow(0, start, length));
        Tensor sum =
            Functional.crossEntropySum(
                network.logits(part), targets.narrow(0, start, length), TokenBatch.IGNORED); // ()
        loss += sum.item();
        sum.backward(weight);
      }
    }
    return new Trunk.LossAndGradient(loss, gradient.view(batch.rows(), batch.columns(), width));
  }

  private Trunk.LossAndGradient head(Tensor hidden, TokenBatch batch, RowLoss loss) {
    long width = hidden.size(2);
    int rows = batch.targets().length;
    Tensor states = hidden.detach().view(rows, width); // (N, C)
    double[] logProbabilities = new double[batch.rows()];
    float[] losses = new float[rows];
    try (NoGrad _ = NoGrad.open()) {
      losses(states, batch.targets(), losses, new boolean[0]);
    }
    for (int i = 0; i < rows; i++) {
      logProbabilities[i / batch.columns()] -= losses[i];
    }
    double[] derivatives = loss.gradient(logProbabilities);
    float[] weights = new float[rows];
    long[] classes = new long[rows];
    for (int i = 0; i < rows; i++) {
      boolean learnt = batch.targets()[i] != TokenBatch.IGNORED;
      weights[i] = learnt ? (float) derivatives[i / batch.columns()] : 0;
      classes[i] = Math.max(0, batch.targets()[i]);
    }
    Tensor gradient = Tensor.zeros(DType.FLOAT32, rows, width); // (N, C)
    Tensor weight = Tensor.of(weights).view(rows, 1); // (N, 1)
    Tensor target = Tensor.of(classes, rows, 1); // (N, 1)
    Tensor one = Tensor.of(new float[] {1}).view(new long[0]);
    long chunk = chunk();
    for (long start = 0; start < rows; start += chunk) {
      long length = Math.min(chunk, rows - start);
      try (Scope _ = Scope.open()) {
        Tensor part = states.narrow(0, start, length).detach().setRequiresGrad(true); // (n, C)
        part.setGrad(gradient.narrow(0, start, length));
        Tensor chosen =
            network.logits(part).logSoftmax(1).gather(1, target.narrow(0, start, length)); // (n, 1)
        chosen.mul(weight.narrow(0, start, length)).sum().backward(one);
      }
    }
    return new Trunk.LossAndGradient(0, gradient.view(batch.rows(), batch.columns(), width));
  }

  private long chunk() {
    return Math.max(1, LOGITS_AT_A_TIME / network.vocabularySize());
  }

  @Override
  public float[] losses(TokenBatch batch, boolean[] correct) {
    float[] losses = new float[batch.targets().length];
    trunk.look(
        batch,
        hidden ->
            losses(hidden.view(losses.length, hidden.size(2)), batch.targets(), losses, correct));
    return losses;
  }

  private void losses(Tensor states, int[] targets, float[] losses, boolean[] correct) {
    int chunk = Math.toIntExact(Math.min(losses.length, chunk()));
    for (int start = 0; start < losses.length; start += chunk) {
      int length = Math.min(chunk, losses.length - start);
      try (Scope _ = Scope.open()) {
        losses(states, targets, start, length, losses, correct);
      }
    }
  }

  private void losses(
      Tensor states, int[] targets, int start, int length, float[] losses, boolean[] correct) {
    long[] classes = new long[length];
    for (int i = 0; i < length; i++) {
      classes[i] = Math.max(0, targets[start + i]);
    }
    Tensor logits = network.logits(states.narrow(0, start, length)); // (n, V)
    float[] chosen =
        logits.logSoftmax(1).gather(1, Tensor.of(classes, length, 1)).toFloats(); // (n, 1)
    long[] best = correct.length == 0 ? new long[0] : logits.argmax(1).toLongs(); // (n)
    for (int i = 0; i < length; i++) {
      boolean learnt = targets[start + i] != TokenBatch.IGNORED;
      losses[start + i] = learnt ? -chosen[i] : 0;
      if (best.length > 0) {
        correct[start + i] = learnt && best[i] == classes[i];
      }
    }
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
