package dev.slipway.task.preference;

/**
 * What a model says of one pair or one rated answer.
 *
 * @param loss of it
 * @param chosen log-probability of the liked answer, NaN where there is none
 * @param rejected of the other one, NaN where there is none
 * @param chosenReward reward of the liked answer
 * @param rejectedReward of the other one
 */
public record PreferenceScore(
    double loss, double chosen, double rejected, double chosenReward, double rejectedReward) {
  public double margin() {
    return chosenReward - rejectedReward;
  }
}
