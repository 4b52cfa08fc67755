package dev.slipway.eval.report;

import java.util.Arrays;
import java.util.stream.IntStream;

/** What makes many noisy points a line that one can read. */
final class Smoothing {
  private Smoothing() {}

  /**
   * The exponential moving average over about {@code window} points, at the beginning over a
   * quarter of those so far, so that it follows a steep start; what is not finite is passed over.
   */
  static double[] exponential(double[] values, double window) {
    double[] smooth = new double[values.length];
    double average = Double.NaN;
    int seen = 0;
    for (int i = 0; i < values.length; i++) {
      if (Double.isFinite(values[i])) {
        double share = 1 / Math.max(1, Math.min(window, seen / 8.0));
        average = seen == 0 ? values[i] : average + share * (values[i] - average);
        seen++;
      }
      smooth[i] = average;
    }
    return smooth;
  }

  /** Indices of at most {@code 2 buckets + 2} points that keep each bucket's extremes. */
  static int[] extremes(double[] values, int buckets) {
    int n = values.length;
    if (n <= 2 * buckets + 2) {
      int[] all = new int[n];
      for (int i = 0; i < n; i++) {
        all[i] = i;
      }
      return all;
    }
    boolean[] chosen = new boolean[n];
    chosen[0] = true;
    chosen[n - 1] = true;
    for (int b = 0; b < buckets; b++) {
      int from = (int) ((long) b * n / buckets);
      int to = (int) ((long) (b + 1) * n / buckets);
      int least = from;
      int most = from;
      for (int i = from; i < to; i++) {
        least = values[i] < values[least] ? i : least;
        most = values[i] > values[most] ? i : most;
      }
      chosen[least] = true;
      chosen[most] = true;
    }
    return IntStream.range(0, n).filter(i -> chosen[i]).toArray();
  }

  /** The value below which {@code share} of the finite ones lie. */
  static double quantile(double[] values, double share) {
    double[] finite = Arrays.stream(values).filter(Double::isFinite).sorted().toArray();
    if (finite.length == 0) {
      return Double.NaN;
    }
    return finite[(int) Math.round(share * (finite.length - 1))];
  }
}
