package dev.slipway.train;

import dev.slipway.optim.Schedule;
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
 * @param plateau of a schedule that goes by evaluations; null before the first and for others
 */
public record Progress(
    long step,
    long totalTargets,
    double firstLoss,
    double loss,
    @Nullable Best best,
    int staleEvaluations,
    Schedule.ReduceOnPlateau.@Nullable State plateau) {
  /** An evaluation that none before it beat. */
  public record Best(long step, double loss) {}

  static final Progress START = new Progress(0, 0, 0, 0, null, 0, null);

  Progress afterStep(double loss, long targets) {
    return new Progress(
        step + 1,
        totalTargets + targets,
        step == 0 ? loss : firstLoss,
        loss,
        best,
        staleEvaluations,
        plateau);
  }

  Progress afterEvaluation(double validationLoss, double minDelta, Schedule schedule) {
    Schedule.ReduceOnPlateau.State state =
        schedule instanceof Schedule.ReduceOnPlateau reducing
            ? reducing.after(
                plateau == null ? Schedule.ReduceOnPlateau.State.START : plateau, validationLoss)
            : null;
    boolean better = best == null || validationLoss < best.loss() - minDelta;
    return new Progress(
        step,
        totalTargets,
        firstLoss,
        loss,
        better ? new Best(step, validationLoss) : best,
        better ? 0 : staleEvaluations + 1,
        state);
  }

  /** Of the next step's learning rate, as part of the peak. */
  double factor(Schedule schedule, long steps) {
    return schedule.factor(step, steps) * (plateau == null ? 1 : plateau.factor());
  }

  /** Whether the evaluation just made is the best so far. */
  boolean isBest() {
    return best != null && best.step() == step;
  }
}
