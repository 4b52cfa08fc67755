package dev.slipway.data.column;

import java.util.Arrays;

/** Quantiles with linear interpolation (type 7 of Hyndman and Fan 1996), as NumPy's default. */
public final class Quantiles {
  private Quantiles() {}

  /**
   * The value at rank q (n − 1), between two neighbours by their distance from it.
   *
   * @param sorted ascending, at least one, none NaN
   * @param q from 0 to 1
   */
  public static double of(double[] sorted, double q) {
    double rank = q * (sorted.length - 1);
    int below = (int) Math.floor(rank);
    int above = Math.min(below + 1, sorted.length - 1);
    double fraction = rank - below;
    return sorted[below] + (sorted[above] - sorted[below]) * fraction;
  }

  /** A sorted copy of the finite numbers at these rows. */
  static double[] sortedFinite(double[] values, int[] rows) {
    double[] found = new double[rows.length];
    int count = 0;
    for (int row : rows) {
      if (Double.isFinite(values[row])) {
        found[count++] = values[row];
      }
    }
    double[] sorted = Arrays.copyOf(found, count);
    Arrays.sort(sorted);
    return sorted;
  }
}
