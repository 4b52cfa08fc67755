package dev.slipway.eval.report;

import java.util.List;

/**
 * A chart of figures over steps.
 *
 * @param name of its picture's file, such as {@code loss}
 * @param title above it
 * @param unit of its values, said beside the title
 * @param xLabel under it
 * @param series drawn over each other, the first one foremost in colour
 * @param fromZero whether the vertical axis begins at 0
 */
public record Curve(
    String name, String title, String unit, String xLabel, List<Series> series, boolean fromZero) {
  public Curve {
    series = List.copyOf(series);
  }

  /**
   * One line.
   *
   * @param name in the legend
   * @param x ascending
   * @param y as many; what is not finite leaves a gap
   * @param style how it is drawn
   */
  public record Series(String name, double[] x, double[] y, Style style) {
    public Series {
      if (x.length != y.length) {
        throw new IllegalArgumentException(
            name + " has " + x.length + " places and " + y.length + " values");
      }
      x = x.clone();
      y = y.clone();
    }
  }

  /** How a series is drawn. */
  public enum Style {
    /** As it is. */
    LINE,
    /** The values faint, and their exponential moving average over them. */
    SMOOTHED,
    /** Few values: a dot each, joined. */
    DOTS
  }
}
