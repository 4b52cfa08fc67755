package dev.slipway.eval.measure;

import dev.slipway.eval.metric.Better;
import dev.slipway.eval.metric.Bootstrap;
import dev.slipway.eval.metric.Interval;
import dev.slipway.eval.metric.Measured;
import dev.slipway.eval.metric.MetricRow;
import dev.slipway.eval.metric.Proportion;
import dev.slipway.eval.metric.Sums;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The rows of a report in the making. */
final class Rows {
  private final List<MetricRow> rows = new ArrayList<>();
  private final Bootstrap bootstrap;
  private final int examples;

  Rows(int examples, long seed) {
    this.examples = examples;
    this.bootstrap = new Bootstrap(seed);
  }

  /** A figure that is resampled with others. */
  record Figure(String name, Better better, Measured measured, String note) {
    static Figure of(String name, Better better, Measured measured) {
      return new Figure(name, better, measured, "");
    }

    static Figure higher(String name, double value) {
      return of(name, Better.HIGHER, Measured.of(value));
    }
  }

  void add(MetricRow row) {
    rows.add(row);
  }

  List<MetricRow> list() {
    return List.copyOf(rows);
  }

  /** A share of hits with Wilson's interval; undefined of none. */
  MetricRow share(String name, long hits, long of, String whyNone) {
    return of == 0
        ? MetricRow.of(name, Better.HIGHER, Measured.undefined(whyNone))
        : MetricRow.of(name, Better.HIGHER, Measured.of((double) hits / of))
            .withInterval(Proportion.wilson(hits, of));
  }

  /** A mean of one number an example. */
  MetricRow mean(String name, Better better, double[] values) {
    return MetricRow.of(name, better, Measured.of(Sums.mean(values)))
        .withInterval(bootstrap.mean(values));
  }

  /** Figures with intervals from the same draws of at most so many rows. */
  void addAll(List<Figure> figures, int mostDrawn, Bootstrap.Figures resampled) {
    double[] estimates = figures.stream().mapToDouble(f -> f.measured().orNaN()).toArray();
    List<@Nullable Interval> intervals =
        bootstrap.drawingAtMost(mostDrawn).intervals(examples, estimates, resampled);
    for (int i = 0; i < estimates.length; i++) {
      Figure figure = figures.get(i);
      rows.add(
          new MetricRow(
              figure.name(), figure.better(), figure.measured(), intervals.get(i), figure.note()));
    }
  }

  void addAll(List<Figure> figures, Bootstrap.Figures resampled) {
    addAll(figures, Bootstrap.MOST_DRAWN, resampled);
  }

  static int[] all(int rows) {
    return IntStream.range(0, rows).toArray();
  }

  static boolean areProbabilities(double[] values) {
    for (double value : values) {
      if (!(value >= 0 && value <= 1)) {
        return false;
      }
    }
    return true;
  }
}
