package dev.slipway.eval.metric;

import org.jspecify.annotations.Nullable;

/** Intervals of a share of independent examples, such as accuracy. */
public final class Proportion {
  /** The 97.5th percentile of the standard normal distribution. */
  public static final double Z95 = 1.959963984540054;

  private Proportion() {}

  /**
   * Wilson's score interval: (p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n). Wilson 1927,
   * "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22; unlike a
   * bootstrap it has a width where all examples are right.
   *
   * @return null of no examples
   */
  public static @Nullable Interval wilson(long hits, long examples) {
    if (examples == 0) {
      return null;
    }
    if (hits < 0 || hits > examples) {
      throw new IllegalArgumentException(hits + " hits of " + examples + " examples");
    }
    double n = examples;
    double p = hits / n;
    double z2 = Z95 * Z95;
    double centre = (p + z2 / (2 * n)) / (1 + z2 / n);
    double half = Z95 * Math.sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n);
    // At the ends the formula gives 0 and 1 exactly; rounding must not lead outside.
    double low = hits == 0 ? 0 : Math.max(0, centre - half);
    double high = hits == examples ? 1 : Math.min(1, centre + half);
    return new Interval(p, low, high);
  }
}
