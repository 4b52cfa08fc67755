package dev.slipway.data.column;

import java.util.Arrays;

/** Quantiles with linear interpolation (type 7 of Hyndman and Fan 1996), as NumPy's default. */
public final class Quantiles {
  private static final int MANY = 1 << 16;
  private static final int LEADING = 16;

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

  /** The same of finite numbers in any order, which may be put in another one. */
  static double select(double[] values, double q) {
    double rank = q * (values.length - 1);
    int below = (int) Math.floor(rank);
    if (values.length < MANY) {
      return between(values, below, rank - below, Double.POSITIVE_INFINITY);
    }
    // Two passes in order are faster than Find's jumps: count by leading bits, then look among the
    // few that share those of the rank sought.
    int[] counts = new int[1 << LEADING];
    for (double value : values) {
      counts[leading(value)]++;
    }
    int before = 0;
    int sought = 0;
    while (before + counts[sought] <= below) {
      before += counts[sought++];
    }
    double[] near = new double[counts[sought]];
    double above = Double.POSITIVE_INFINITY;
    int found = 0;
    for (double value : values) {
      int leading = leading(value);
      if (leading == sought) {
        near[found++] = value;
      } else if (leading > sought && value < above) {
        above = value;
      }
    }
    return between(near, below - before, rank - below, above);
  }

  /** Sign, exponent and the first bits of the fraction, in the order of the numbers. */
  private static int leading(double value) {
    long bits = Double.doubleToRawLongBits(value + 0.0); // −0.0 is 0.0 here
    return (int) ((bits ^ (bits >> 63 | Long.MIN_VALUE)) >>> (Long.SIZE - LEADING));
  }

  /** The n-th of the values and, a part of the way, the next, which may be {@code above}. */
  private static double between(double[] values, int n, double part, double above) {
    double first = nth(values, n);
    if (part == 0) {
      return first;
    }
    double next = above;
    for (int i = n + 1; i < values.length; i++) {
      next = Math.min(next, values[i]);
    }
    return first + (next - first) * part;
  }

  /** Puts those below the rank before it and those above it behind it (Hoare 1961, "Find"). */
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
    return count == found.length ? found : Arrays.copyOf(found, count);
  }
}
