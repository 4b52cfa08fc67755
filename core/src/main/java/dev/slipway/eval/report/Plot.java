package dev.slipway.eval.report;

import dev.slipway.eval.report.Curve.Series;
import dev.slipway.eval.report.Curve.Style;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A curve laid out in pixels, the same for each kind of picture.
 *
 * @param lines to draw in this order
 * @param summaries each series as it is read: smoothed where it is drawn smoothed
 * @param clipped whether spikes reach over the upper edge
 */
record Plot(Axis x, Axis y, List<Line> lines, List<Series> summaries, boolean clipped) {
  static final int WIDTH = 560;
  static final int HEIGHT = 264;
  static final int LEFT = 48;
  static final int RIGHT = 56;
  static final int TOP = 14;
  static final int BOTTOM = 40;

  private static final int BUCKETS = 260;

  /**
   * @param series index of its series, for the colour
   * @param faint whether it is the noise behind a smoothed line
   * @param dots whether each point gets one
   * @param runs unbroken pieces of (x, y) pairs in pixels
   */
  record Line(int series, boolean faint, boolean dots, List<double[]> runs) {}

  static Plot of(Curve curve) {
    List<Series> summaries = new ArrayList<>();
    for (Series series : curve.series()) {
      boolean smoothed = series.style() == Style.SMOOTHED;
      double window = Math.clamp(series.y().length / 50.0, 1, 200);
      summaries.add(
          smoothed
              ? new Series(
                  series.name(),
                  series.x(),
                  Smoothing.exponential(series.y(), window),
                  series.style())
              : series);
    }
    Range range = Range.of(curve, summaries);
    Axis x = Axis.exact(xLow(curve), xHigh(curve), 6, LEFT, WIDTH - RIGHT);
    double margin = 0.04 * (range.high - range.low);
    Axis y =
        curve.fromZero() || margin == 0
            ? Axis.rounded(range.low, range.high, 4, HEIGHT - BOTTOM, TOP)
            : Axis.exact(range.low - margin, range.high + margin, 5, HEIGHT - BOTTOM, TOP);
    List<Line> lines = new ArrayList<>();
    for (int i = 0; i < summaries.size(); i++) {
      Series series = curve.series().get(i);
      if (series.style() == Style.SMOOTHED && series.x().length > 20) {
        lines.add(new Line(i, true, false, runs(series, x, y)));
      }
    }
    // The first series comes last, so that it is foremost.
    for (int i = summaries.size() - 1; i >= 0; i--) {
      boolean dots =
          curve.series().get(i).style() == Style.DOTS && summaries.get(i).x().length < 60;
      lines.add(new Line(i, false, dots, runs(summaries.get(i), x, y)));
    }
    return new Plot(x, y, lines, summaries, range.clipped);
  }

  private record Range(double low, double high, boolean clipped) {
    static Range of(Curve curve, List<Series> summaries) {
      double low = Double.POSITIVE_INFINITY;
      double high = Double.NEGATIVE_INFINITY;
      double most = Double.NEGATIVE_INFINITY;
      for (int i = 0; i < summaries.size(); i++) {
        double[] values = curve.series().get(i).y();
        low = min(low, Smoothing.quantile(values, 0));
        double highest = Smoothing.quantile(values, 1);
        double usual = Smoothing.quantile(values, 0.99);
        // A few spikes shall not flatten all the rest.
        boolean spikes = values.length >= 50 && highest - low > 3 * (usual - low);
        high =
            max(
                high,
                spikes ? max(1.15 * usual, Smoothing.quantile(summaries.get(i).y(), 1)) : highest);
        most = max(most, highest);
      }
      if (low > high) {
        return new Range(0, 1, false);
      }
      return new Range(curve.fromZero() ? Math.min(low, 0) : low, high, most > high);
    }

    private static double min(double a, double b) {
      return b < a ? b : a;
    }

    private static double max(double a, double b) {
      return b > a ? b : a;
    }
  }

  private static double xLow(Curve curve) {
    return curve.series().stream()
        .filter(s -> s.x().length > 0)
        .mapToDouble(s -> s.x()[0])
        .min()
        .orElse(0);
  }

  private static double xHigh(Curve curve) {
    return curve.series().stream()
        .filter(s -> s.x().length > 0)
        .mapToDouble(s -> s.x()[s.x().length - 1])
        .max()
        .orElse(1);
  }

  private static List<double[]> runs(Series series, Axis x, Axis y) {
    List<double[]> runs = new ArrayList<>();
    int[] indices = Smoothing.extremes(series.y(), BUCKETS);
    double[] run = new double[2 * indices.length];
    int length = 0;
    for (int i : indices) {
      if (Double.isFinite(series.y()[i])) {
        run[length++] = x.pixel(series.x()[i]);
        run[length++] = y.pixel(series.y()[i]);
      } else if (length > 0) {
        runs.add(Arrays.copyOf(run, length));
        length = 0;
      }
    }
    if (length > 0) {
      runs.add(Arrays.copyOf(run, length));
    }
    return runs;
  }
}
