package dev.slipway.train;

import org.jspecify.annotations.Nullable;

/**
 * All that the loop remembers from step to step beside tensors; with them it is a checkpoint. The
 * next micro-batch is {@code step x accumulate}, and randomness follows from seed and micro-batch,
 * so that neither a position nor a generator's state is part of it.
 *
 * @param step steps done
 * @param totalTargets positions learnt from
 * @param firstLoss of step 1
 * @param loss of the last step
 * @param best the best evaluation so far
 * @param staleEvaluations since the best one
 */
public record Progress(
    long step,
    long totalTargets,
    double firstLoss,
    double loss,
    @Nullable Best best,
    int staleEvaluations) {
  /** An evaluation that none before it beat. */
  public record Best(long step, double loss) {}

  static final Progress START = new Progress(0, 0, 0, 0, null, 0);

  Progress afterStep(double loss, long targets) {
    return new Progress(
        step + 1,
        totalTargets + targets,
        step == 0 ? loss : firstLoss,
        loss,
        best,
        staleEvaluations);
  }

  Progress afterEvaluation(double validationLoss, double minDelta) {
    return best == null || validationLoss < best.loss() - minDelta
        ? new Progress(step, totalTargets, firstLoss, loss, new Best(step, validationLoss), 0)
        : new Progress(step, totalTargets, firstLoss, loss, best, staleEvaluations + 1);
  }

  /** Whether the evaluation just made is the best so far. */
  boolean isBest() {
    return best != null && best.step() == step;
  }
}
