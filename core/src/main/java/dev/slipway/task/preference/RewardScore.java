package dev.slipway.task.preference;

/**
 * What a reward model says of a pair.
 *
 * @param loss of it
 * @param chosen reward of the liked answer
 * @param rejected of the other one
 */
public record RewardScore(double loss, double chosen, double rejected) {
  public double margin() {
    return chosen - rejected;
  }
}
