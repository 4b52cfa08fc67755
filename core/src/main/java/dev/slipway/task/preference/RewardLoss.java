package dev.slipway.task.preference;

/**
 * Bradley and Terry's model of preferences (1952), as reward models learn it (Stiennon et al. 2020,
 * eq. 1): {@code −log σ(c − r − m) + k (c + r)²} of the rewards c of the chosen and r of the
 * rejected answer, with a margin m that a pair may have (Touvron et al. 2023, eq. 2), and k, which
 * keeps rewards around zero (Eisenstein et al. 2023, §2).
 *
 * @param centring k, TRL's {@code center_rewards_coefficient}
 */
public record RewardLoss(double centring) {
  /** The loss of a pair, and its derivatives to both rewards. */
  public PreferenceLoss.PairOutcome of(double chosen, double rejected, double margin) {
    double ahead = chosen - rejected - margin;
    double sum = chosen + rejected;
    double slope = -1 / (1 + Math.exp(ahead));
    double centred = 2 * centring * sum;
    return new PreferenceLoss.PairOutcome(
        Math.max(-ahead, 0) + Math.log1p(Math.exp(-Math.abs(ahead))) + centring * sum * sum,
        slope + centred,
        -slope + centred);
  }
}
