package dev.slipway.train;

import org.jspecify.annotations.Nullable;

/**
 * How a run ended. The parameters are those of the last step, or of the best after an early stop.
 *
 * @param step steps done
 * @param loss of the last step
 * @param best the best evaluation, or null when there was none
 * @param totalTargets positions learnt from in all steps
 * @param seconds this process spent
 */
public record TrainResult(
    Ending ending,
    long step,
    double loss,
    Progress.@Nullable Best best,
    long totalTargets,
    double seconds) {
  /** Why it ended. */
  public enum Ending {
    COMPLETED,
    EARLY_STOPPED,
    INTERRUPTED
  }
}
