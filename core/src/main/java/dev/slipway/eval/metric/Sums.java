package dev.slipway.eval.metric;

/**
 * Sums that lose no digits: pairwise, so that ten million terms err by a few units in the last
 * place.
 */
public final class Sums {
  private static final int BLOCK = 256;

  private Sums() {}

  public static double sum(double[] values) {
    return sum(values, 0, values.length);
  }

  /** The mean; NaN of none. */
  public static double mean(double[] values) {
    return sum(values) / values.length;
  }

  public static double sum(double[] values, int from, int to) {
    if (to - from <= BLOCK) {
      double sum = 0;
      for (int i = from; i < to; i++) {
        sum += values[i];
      }
      return sum;
    }
    int middle = (from + to) >>> 1;
    return sum(values, from, middle) + sum(values, middle, to);
  }
}
