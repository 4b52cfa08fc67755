package dev.slipway.eval.metric;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Intervals of 95 % of any figure by resampling rows with replacement: from the 2.5th to the 97.5th
 * percentile of B resamples. Efron and Tibshirani 1993, "An Introduction to the Bootstrap", §13.3.
 *
 * <p>Of more rows than {@link #MOST_DRAWN} a resample draws only m of n, and the distance of its
 * percentiles from the estimate shrinks by √(m/n): the m out of n bootstrap (Bickel, Götze and van
 * Zwet 1997), which costs the same for ten million rows as for ten thousand.
 *
 * <p>Resample b draws from SplitMix64 with a state of its own, so that the same seed gives the same
 * interval on any number of threads.
 */
public final class Bootstrap {
  public static final int RESAMPLES = 1_000;
  public static final int MOST_DRAWN = 10_000;

  /** The figures of a resample, NaN where one is undefined; called from several threads. */
  @FunctionalInterface
  public interface Figures {
    double[] of(int[] drawn);
  }

  private final long seed;
  private final int resamples;
  private final int mostDrawn;

  public Bootstrap(long seed) {
    this(seed, RESAMPLES, MOST_DRAWN);
  }

  public Bootstrap(long seed, int resamples, int mostDrawn) {
    if (resamples < 1 || mostDrawn < 2) {
      throw new IllegalArgumentException(
          "resamples is "
              + resamples
              + " and mostDrawn "
              + mostDrawn
              + ", expected 1 and 2 or more");
    }
    this.seed = seed;
    this.resamples = resamples;
    this.mostDrawn = mostDrawn;
  }

  /** The same with fewer rows a resample, for figures that cost more a row. */
  public Bootstrap drawingAtMost(int rows) {
    return new Bootstrap(seed, resamples, Math.max(2, Math.min(rows, mostDrawn)));
  }

  /**
   * One interval for each estimate, all from the same draws.
   *
   * @param rows number of examples; of fewer than 2 there is no spread to see, and no interval
   * @param estimates of all examples; NaN gets no interval
   */
  public List<@Nullable Interval> intervals(int rows, double[] estimates, Figures figures) {
    double[][] found = resampled(rows, figures);
    List<@Nullable Interval> intervals = new ArrayList<>(estimates.length);
    for (int f = 0; f < estimates.length; f++) {
      intervals.add(interval(rows, estimates[f], found, f));
    }
    return intervals;
  }

  /** The interval of one figure from resamples that are there already. */
  public @Nullable Interval interval(int rows, double estimate, double[][] found) {
    return interval(rows, estimate, found, 0);
  }

  private @Nullable Interval interval(int rows, double estimate, double[][] found, int figure) {
    double[] values = new double[found.length];
    int count = 0;
    for (double[] resample : found) {
      if (!Double.isNaN(resample[figure])) {
        values[count++] = resample[figure];
      }
    }
    // Where most resamples have no value, the rest say little of the figure.
    if (Double.isNaN(estimate) || count * 2 < found.length || count == 0) {
      return null;
    }
    Arrays.sort(values, 0, count);
    double shrink = shrink(rows);
    return new Interval(
        estimate,
        estimate + shrink * (percentile(values, count, 0.025) - estimate),
        estimate + shrink * (percentile(values, count, 0.975) - estimate));
  }

  /** √(m/n): by what the distances of a resample's figure from the estimate are too large. */
  public double shrink(int rows) {
    return Math.sqrt((double) Math.min(rows, mostDrawn) / Math.max(1, rows));
  }

  /** The figures of every resample, {@code [resample][figure]}; none of fewer than 2 rows. */
  public double[][] resampled(int rows, Figures figures) {
    if (rows < 2) {
      return new double[0][];
    }
    int drawn = Math.min(rows, mostDrawn);
    double[][] found = new double[resamples][];
    IntStream.range(0, resamples)
        .parallel()
        .forEach(b -> found[b] = figures.of(draw(b, drawn, rows)));
    return found;
  }

  /** The interval of one figure. */
  public @Nullable Interval interval(int rows, double estimate, Figures figures) {
    return intervals(rows, new double[] {estimate}, figures).getFirst();
  }

  /** The interval of a mean of one number an example. */
  public @Nullable Interval mean(double[] values) {
    return interval(values.length, Sums.mean(values), drawn -> new double[] {mean(values, drawn)});
  }

  private static double mean(double[] values, int[] drawn) {
    double sum = 0;
    for (int row : drawn) {
      sum += values[row];
    }
    return sum / drawn.length;
  }

  private int[] draw(int resample, int count, int rows) {
    int[] drawn = new int[count];
    long state = mix(seed + resample * 0xD1342543DE82EF95L);
    for (int i = 0; i < count; i++) {
      state += 0x9E3779B97F4A7C15L;
      drawn[i] = (int) ((mix(state) >>> 11) * 0x1p-53 * rows);
    }
    return drawn;
  }

  private static long mix(long state) {
    long z = (state ^ state >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    return z ^ z >>> 31;
  }

  /** Interpolates linearly, as NumPy's percentile does. */
  static double percentile(double[] sorted, int count, double share) {
    double at = share * (count - 1);
    int below = (int) at;
    int above = Math.min(below + 1, count - 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  }
}
