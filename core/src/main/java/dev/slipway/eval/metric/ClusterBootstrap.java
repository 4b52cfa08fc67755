package dev.slipway.eval.metric;

import java.util.Arrays;

/**
 * Confidence intervals of ratios of sums, Σ numerator / Σ denominator, by the bootstrap over
 * documents: tokens of one document are no independent draws, documents are. Each of B resamples
 * draws n documents with replacement and takes the ratio of their sums; the interval is from the
 * 2.5th to the 97.5th percentile of the B ratios. Efron and Tibshirani 1993, "An Introduction to
 * the Bootstrap", §13.3; percentiles interpolate linearly as NumPy's do.
 *
 * <p>The draws are SplitMix64 (Steele, Lea and Flood 2014): document ⌊u n⌋ with u the upper 53 bits
 * over 2^53. So the same seed gives the same interval everywhere, and two ratios over the same
 * documents are resampled in step.
 */
public final class ClusterBootstrap {
  public static final int RESAMPLES = 2_000;

  private final long seed;
  private final int resamples;

  public ClusterBootstrap(long seed) {
    this(seed, RESAMPLES);
  }

  public ClusterBootstrap(long seed, int resamples) {
    if (resamples < 1) {
      throw new IllegalArgumentException("resamples is " + resamples + ", expected 1 or more");
    }
    this.seed = seed;
    this.resamples = resamples;
  }

  /** Σ numerators / Σ denominators; resamples whose denominators sum to 0 do not count. */
  public Interval ratio(double[] numerators, double[] denominators) {
    int documents = numerators.length;
    if (documents == 0 || denominators.length != documents) {
      throw new IllegalArgumentException(
          documents + " numerators and " + denominators.length + " denominators, expected as many");
    }
    double[] ratios = new double[resamples];
    int count = 0;
    long state = seed;
    for (int b = 0; b < resamples; b++) {
      double numerator = 0;
      double denominator = 0;
      for (int i = 0; i < documents; i++) {
        state += 0x9E3779B97F4A7C15L;
        int drawn = (int) ((mix(state) >>> 11) * 0x1p-53 * documents);
        numerator += numerators[drawn];
        denominator += denominators[drawn];
      }
      if (denominator > 0) {
        ratios[count++] = numerator / denominator;
      }
    }
    double estimate = sum(numerators) / sum(denominators);
    if (count == 0) {
      return new Interval(estimate, estimate, estimate);
    }
    Arrays.sort(ratios, 0, count);
    return new Interval(
        estimate, percentile(ratios, count, 0.025), percentile(ratios, count, 0.975));
  }

  /**
   * (Σ first − Σ second) / Σ denominators of the same documents: the pairing takes out how hard a
   * document is.
   */
  public Interval difference(double[] first, double[] second, double[] denominators) {
    double[] differences = new double[first.length];
    for (int i = 0; i < first.length; i++) {
      differences[i] = first[i] - second[i];
    }
    return ratio(differences, denominators);
  }

  private static long mix(long state) {
    long z = (state ^ state >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    return z ^ z >>> 31;
  }

  private static double percentile(double[] sorted, int count, double share) {
    double at = share * (count - 1);
    int below = (int) at;
    int above = Math.min(below + 1, count - 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  }

  private static double sum(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum;
  }
}
