package dev.slipway.tune;

import dev.slipway.model.CausalAutograd;
import dev.slipway.model.RowExecution;
import dev.slipway.model.ScoreAutograd;
import dev.slipway.model.ScoreExecution;
import dev.slipway.tokenizer.TokenBatch;
import java.util.function.Supplier;

/**
 * How a tuned decoder is carried out. Steps of learning do what only learning does, such as
 * dropout. Closing one closes nothing: the model is closed by itself.
 */
final class TunedExecutions {
  private TunedExecutions() {}

  private static <T> T learning(TunedDecoder model, Supplier<T> step) {
    model.training(true);
    try {
      return step.get();
    } finally {
      model.training(false);
    }
  }

  private static void learning(TunedDecoder model, Runnable step) {
    model.training(true);
    try {
      step.run();
    } finally {
      model.training(false);
    }
  }

  /** Next-token prediction by autograd, the reference. */
  record ByAutograd(TunedDecoder model, CausalAutograd autograd) implements RowExecution {
    @Override
    public String name() {
      return autograd.name();
    }

    @Override
    public double forwardBackward(TokenBatch batch, double scale) {
      return learning(model, () -> autograd.forwardBackward(batch, scale));
    }

    @Override
    public void forwardBackward(TokenBatch batch, RowLoss loss) {
      learning(model, () -> autograd.forwardBackward(batch, loss));
    }

    @Override
    public float[] losses(TokenBatch batch, boolean[] correct) {
      return autograd.losses(batch, correct);
    }

    @Override
    public void parametersChanged() {
      model.parametersChanged();
    }

    @Override
    public void close() {}
  }

  /** Next-token prediction by kernels, and by the rest what they do not cover. */
  record ByKernels(AdaptedKernels kernels, ByAutograd rest) implements RowExecution {
    private RowExecution of(TokenBatch batch) {
      return kernels.covers(batch) ? kernels : rest;
    }

    @Override
    public String name() {
      return kernels.name();
    }

    @Override
    public double forwardBackward(TokenBatch batch, double scale) {
      return of(batch).forwardBackward(batch, scale);
    }

    @Override
    public void forwardBackward(TokenBatch batch, RowLoss loss) {
      of(batch).forwardBackward(batch, loss);
    }

    @Override
    public float[] losses(TokenBatch batch, boolean[] correct) {
      return of(batch).losses(batch, correct);
    }

    @Override
    public void parametersChanged() {
      rest.parametersChanged();
    }

    @Override
    public void close() {}
  }

  /** Scores, of a model that scores. */
  record Scoring(TunedDecoder model, ScoreAutograd autograd) implements ScoreExecution {
    @Override
    public String name() {
      return autograd.name();
    }

    @Override
    public double[] scores(TokenBatch batch) {
      return autograd.scores(batch);
    }

    @Override
    public void forwardBackward(TokenBatch batch, ScoreLoss loss) {
      learning(model, () -> autograd.forwardBackward(batch, loss));
    }

    @Override
    public void parametersChanged() {
      model.parametersChanged();
    }

    @Override
    public void close() {}
  }

  /** Scores by kernels, but for the head, and by autograd what they do not cover. */
  record ScoringByKernels(AdaptedKernels kernels, Scoring rest) implements ScoreExecution {
    @Override
    public String name() {
      return kernels.name();
    }

    @Override
    public double[] scores(TokenBatch batch) {
      if (!kernels.covers(batch)) {
        return rest.scores(batch);
      }
      return kernels.look(batch, states -> ScoreAutograd.scores(rest.model.network(), states));
    }

    @Override
    public void forwardBackward(TokenBatch batch, ScoreLoss loss) {
      if (!kernels.covers(batch)) {
        rest.forwardBackward(batch, loss);
        return;
      }
      kernels.learn(batch, states -> ScoreAutograd.gradient(rest.model.network(), states, loss));
      rest.model.collectGradients();
    }

    @Override
    public void parametersChanged() {
      rest.parametersChanged();
    }

    @Override
    public void close() {}
  }
}
