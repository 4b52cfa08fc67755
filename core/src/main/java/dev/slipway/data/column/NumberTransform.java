package dev.slipway.data.column;

import dev.slipway.data.column.Outliers.Action;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A fitted column of numbers: outliers, then missing values, then y = (x − centre) / scale +
 * offset. Gives {@link #width} numbers a row: y, then 1 or 0 for an outlier where those are
 * flagged, then 1 or 0 for a missing value where that is a category of its own.
 *
 * <p>Each step is fitted on what the one before it gives, so that one wild value moves neither mean
 * nor scale when it is clipped. The numbers are those of scikit-learn's {@code SimpleImputer},
 * {@code StandardScaler}, {@code MinMaxScaler} and {@code RobustScaler} with their defaults.
 *
 * @param column its name, for errors
 * @param fill stands for a missing value, in the column's units; null where such rows are dropped
 * @param marksMissing whether there is a further column for missing values
 * @param bounds outside of which a number is an outlier; null where none is
 * @param flagsOutliers whether an outlier stays and a further column says so; else it is clipped
 */
public record NumberTransform(
    String column,
    @Nullable Double fill,
    boolean marksMissing,
    @Nullable Bounds bounds,
    boolean flagsOutliers,
    double centre,
    double scale,
    double offset) {
  private static final double EPSILON = Math.ulp(1.0);

  /** Both belong to the range. */
  public record Bounds(double lower, double upper) {
    double clip(double value) {
      return Math.min(Math.max(value, lower), upper);
    }

    boolean contains(double value) {
      return value >= lower && value <= upper;
    }
  }

  public NumberTransform {
    if (!(Double.isFinite(centre) && Double.isFinite(offset) && Double.isFinite(scale))
        || scale == 0) {
      throw new IllegalArgumentException("the column '" + column + "' has no finite scale");
    }
  }

  /**
   * Fits it.
   *
   * @param values the whole column; NaN and infinities are missing
   * @param rows those of the training split
   * @throws dev.slipway.base.SlipwayException if none of the rows has a value and no constant
   *     stands for a missing one
   */
  public static NumberTransform fit(
      String column, double[] values, int[] rows, NumberConfig config) {
    double[] seen = Quantiles.finite(values, rows);
    if (seen.length == 0 && !(config.missing() instanceof MissingNumbers.Constant)) {
      throw ColumnProblems.allMissing(column, rows.length);
    }
    Bounds bounds = seen.length == 0 ? null : bounds(config.outliers(), seen);
    boolean flags = bounds != null && action(config.outliers()) == Action.FLAG;
    if (bounds != null && !flags) {
      for (int i = 0; i < seen.length; i++) {
        seen[i] = bounds.clip(seen[i]);
      }
    }
    Double fill =
        switch (config.missing()) {
          case MissingNumbers.Mean _, MissingNumbers.OwnCategory _ -> mean(seen);
          case MissingNumbers.Median _ -> Quantiles.select(seen, 0.5);
          case MissingNumbers.Constant(double constant) -> constant;
          case MissingNumbers.Drop _ -> null;
        };
    int filled = fill == null ? 0 : rows.length - seen.length;
    double[] line =
        seen.length + filled == 0
            ? new double[] {0, 1, 0}
            : line(config.scaling(), seen, filled, fill == null ? 0 : fill);
    return new NumberTransform(
        column,
        fill,
        config.missing() instanceof MissingNumbers.OwnCategory,
        bounds,
        flags,
        line[0],
        line[1],
        line[2]);
  }

  private static @Nullable Bounds bounds(Outliers outliers, double[] seen) {
    return switch (outliers) {
      case Outliers.Keep _ -> null;
      case Outliers.Iqr(double factor, Action _) -> {
        double first = Quantiles.select(seen, 0.25);
        double third = Quantiles.select(seen, 0.75);
        double reach = factor * (third - first);
        yield new Bounds(first - reach, third + reach);
      }
      case Outliers.ZScore(double limit, Action _) -> {
        double mean = mean(seen);
        double reach = limit * Math.sqrt(variance(seen, 0, 0, mean));
        yield new Bounds(mean - reach, mean + reach);
      }
    };
  }

  private static @Nullable Action action(Outliers outliers) {
    return switch (outliers) {
      case Outliers.Keep _ -> null;
      case Outliers.Iqr(double _, Action action) -> action;
      case Outliers.ZScore(double _, Action action) -> action;
    };
  }

  /** The numbers with so many times the fill behind them. */
  private static double[] filled(double[] seen, double fill, int missing) {
    double[] all = Arrays.copyOf(seen, seen.length + missing);
    Arrays.fill(all, seen.length, all.length, fill);
    return all;
  }

  /** Centre, scale and offset of the numbers with so many times the fill behind them. */
  private static double[] line(Scaling scaling, double[] seen, int filled, double fill) {
    return switch (scaling) {
      case Scaling.None _ -> new double[] {0, 1, 0};
      case Scaling.Standard _ -> {
        double n = seen.length + filled;
        double mean = mean(seen, filled, fill);
        double variance = variance(seen, filled, fill, mean);
        // scikit-learn's bound below which the spread is rounding (_is_constant_feature).
        double rounding = n * EPSILON * variance + Math.pow(n * mean * EPSILON, 2);
        yield new double[] {mean, variance <= rounding ? 1 : Math.sqrt(variance), 0};
      }
      case Scaling.MinMax(double low, double high) -> {
        double least = filled > 0 ? fill : Double.POSITIVE_INFINITY;
        double most = filled > 0 ? fill : Double.NEGATIVE_INFINITY;
        for (double value : seen) {
          least = Math.min(least, value);
          most = Math.max(most, value);
        }
        double range = most - least;
        yield new double[] {least, (negligible(range) ? 1 : range) / (high - low), low};
      }
      case Scaling.Robust _ -> {
        double[] all = filled(seen, fill, filled);
        double range = Quantiles.select(all, 0.75) - Quantiles.select(all, 0.25);
        yield new double[] {Quantiles.select(all, 0.5), negligible(range) ? 1 : range, 0};
      }
    };
  }

  private static boolean negligible(double range) {
    return range < 10 * EPSILON;
  }

  private static double mean(double[] values) {
    return mean(values, 0, 0);
  }

  private static double mean(double[] values, int filled, double fill) {
    double sum = 0;
    double lost = 0; // Neumaier's compensation
    for (double value : values) {
      double next = sum + value;
      lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
      sum = next;
    }
    return (sum + lost + filled * fill) / (values.length + filled);
  }

  /** Of the population: divided by n. */
  private static double variance(double[] values, int filled, double fill, double mean) {
    double squares = filled * (fill - mean) * (fill - mean);
    double rest = filled * (fill - mean);
    for (double value : values) {
      double apart = value - mean;
      squares += apart * apart;
      rest += apart;
    }
    double n = values.length + filled;
    return (squares - rest * rest / n) / n;
  }

  /** How many numbers a row gets. */
  public int width() {
    return 1 + (flagsOutliers ? 1 : 0) + (marksMissing ? 1 : 0);
  }

  /** What each of the {@link #width} numbers is called. */
  public List<String> names() {
    List<String> names = new ArrayList<>(List.of(column));
    if (flagsOutliers) {
      names.add(column + " (outlier)");
    }
    if (marksMissing) {
      names.add(column + " (missing)");
    }
    return List.copyOf(names);
  }

  /** Whether a row with this value is taken; only a missing one may not be. */
  public boolean takes(double value) {
    return fill != null || Double.isFinite(value);
  }

  /**
   * The first of the numbers, exactly.
   *
   * @throws dev.slipway.base.SlipwayException if it is missing and such rows are dropped
   */
  public double scaled(double value) {
    double x = value;
    if (!Double.isFinite(x)) {
      if (fill == null) {
        throw ColumnProblems.missingValue(column);
      }
      x = fill;
    } else if (bounds != null && !flagsOutliers) {
      x = bounds.clip(x);
    }
    return (x - centre) / scale + offset;
  }

  /** The value that {@link #scaled} gives this for, such as a forecast in the target's units. */
  public double unscaled(double y) {
    return (y - offset) * scale + centre;
  }

  /**
   * Puts the row's numbers there.
   *
   * @throws dev.slipway.base.SlipwayException if it is missing and such rows are dropped
   */
  public void apply(double value, float[] into, int at) {
    int next = at;
    into[next++] = (float) scaled(value);
    boolean missing = !Double.isFinite(value);
    if (flagsOutliers) {
      into[next++] = !missing && bounds != null && !bounds.contains(value) ? 1 : 0;
    }
    if (marksMissing) {
      into[next] = missing ? 1 : 0;
    }
  }
}
