package dev.slipway.eval.metric;

import org.jspecify.annotations.Nullable;

/**
 * One metric of a report.
 *
 * @param name in kebab-case, such as {@code f1-macro}; of one class, {@code recall[cat]}
 * @param better which way it improves
 * @param measured the number, or why there is none
 * @param interval of 95 %, with the number as its estimate; null where there is none
 * @param note what a reader must know of the number, or empty
 */
public record MetricRow(
    String name, Better better, Measured measured, @Nullable Interval interval, String note) {
  public MetricRow {
    if (interval != null && !measured.isDefined()) {
      throw new IllegalArgumentException(name + " has an interval but no value");
    }
  }

  public static MetricRow of(String name, Better better, Measured measured) {
    return new MetricRow(name, better, measured, null, "");
  }

  public MetricRow withInterval(@Nullable Interval given) {
    return new MetricRow(name, better, measured, measured.isDefined() ? given : null, note);
  }

  public MetricRow withNote(String given) {
    return new MetricRow(name, better, measured, interval, given);
  }

  /** The number, or NaN where the metric is undefined. */
  public double value() {
    return measured.orNaN();
  }
}
