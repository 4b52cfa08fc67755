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

  /**
   * The same of numbers in any order, which are put in another one: those below the rank before it,
   * those above it behind it (Hoare 1961, "Find").
   */
  static double select(double[] values, double q) {
    double rank = q * (values.length - 1);
    int below = (int) Math.floor(rank);
    double first = nth(values, below);
    if (rank == below) {
      return first;
    }
    double next = Double.POSITIVE_INFINITY;
    for (int i = below + 1; i < values.length; i++) {
      next = Math.min(next, values[i]);
    }
    return first + (next - first) * (rank - below);
  }

  private static double nth(double[] values, int n) {
    int low = 0;
    int high = values.length - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      double a = values[low];
      double b = values[middle];
      double c = values[high];
      double pivot = Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
      int i = low - 1;
      int j = high + 1;
      while (true) {
        do {
          i++;
        } while (values[i] < pivot);
        do {
          j--;
        } while (values[j] > pivot);
        if (i >= j) {
          break;
        }
        double swapped = values[i];
        values[i] = values[j];
        values[j] = swapped;
      }
      if (n <= j) {
        high = j;
      } else {
        low = j + 1;
      }
    }
    return values[n];
  }

  /** A copy of the finite numbers at these rows. */
  static double[] finite(double[] values, int[] rows) {
    double[] found = new double[rows.length];
    int count = 0;
    for (int row : rows) {
      if (Double.isFinite(values[row])) {
        found[count++] = values[row];
      }
    }
    return Arrays.copyOf(found, count);
  }
}
