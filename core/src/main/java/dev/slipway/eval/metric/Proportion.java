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

  /**
   * How far a share is above that of other examples, with an interval of 95 % from Wilson's of
   * both: method 10 of Newcombe 1998, "Interval estimation for the difference between independent
   * proportions", Statistics in Medicine 17.
   *
   * <pre>d ± √((p₁ − l₁)² + (u₂ − p₂)²)      the other way round above</pre>
   *
   * @return null where one has no examples
   */
  public static @Nullable Interval difference(
      long hits, long examples, long otherHits, long otherExamples) {
    Interval one = wilson(hits, examples);
    Interval other = wilson(otherHits, otherExamples);
    if (one == null || other == null) {
      return null;
    }
    double d = one.estimate() - other.estimate();
    return new Interval(
        d,
        d - Math.hypot(one.estimate() - one.low(), other.high() - other.estimate()),
        d + Math.hypot(one.high() - one.estimate(), other.estimate() - other.low()));
  }
}
