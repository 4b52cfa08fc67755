package dev.slipway.eval.report;

import dev.slipway.eval.metric.Interval;
import dev.slipway.eval.metric.MetricReport;
import dev.slipway.eval.metric.MetricRow;
import dev.slipway.eval.yardstick.Predictions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the test examples said of a model and of what it is measured beside.
 *
 * @param heldOut a clause: what the examples are and how they were chosen
 * @param examples how many
 * @param metrics of the model; by the first one it is decided which is better
 * @param yardsticks on the same examples, the simplest first
 * @param notes sentences, such as which yardstick could not be computed
 * @param unit what they are: examples, users, queries
 */
public record TaskEvaluation(
    String heldOut,
    long examples,
    List<MetricRow> metrics,
    List<Beside> yardsticks,
    List<String> notes,
    String unit) {
  /** Of examples. */
  public TaskEvaluation(
      String heldOut,
      long examples,
      List<MetricRow> metrics,
      List<Beside> yardsticks,
      List<String> notes) {
    this(heldOut, examples, metrics, yardsticks, notes, "examples");
  }

  public TaskEvaluation {
    metrics = List.copyOf(metrics);
    yardsticks = List.copyOf(yardsticks);
    notes = List.copyOf(notes);
    if (metrics.isEmpty()) {
      throw new IllegalArgumentException("no metric came, expected one to decide by");
    }
  }

  /**
   * A yardstick, measured as the model is.
   *
   * @param value of the deciding metric; NaN where it is undefined
   * @param interval of 95 %, if there is one
   * @param seconds it took; NaN if it wasn't timed
   * @param saw what it learnt from, a clause
   * @param source the paper or program
   */
  public record Beside(
      String name,
      double value,
      @Nullable Interval interval,
      double seconds,
      String saw,
      String source) {
    /** Of predictions that were measured by the same metrics on the same examples. */
    public static Beside of(Predictions predictions, MetricReport measured, String metric) {
      return new Beside(
          predictions.name(),
          measured.value(metric),
          measured.row(metric).map(MetricRow::interval).orElse(null),
          predictions.seconds(),
          predictions.saw(),
          predictions.source());
    }
  }

  /** The metric by which it is decided. */
  public MetricRow deciding() {
    return metrics.getFirst();
  }

  /** The yardstick that did best by the deciding metric. */
  public Optional<Beside> best() {
    Comparator<Beside> byValue = Comparator.comparingDouble(Beside::value);
    List<Beside> measured = new ArrayList<>(yardsticks);
    measured.removeIf(beside -> Double.isNaN(beside.value()));
    return switch (deciding().better()) {
      case HIGHER -> measured.stream().max(byValue);
      case LOWER -> measured.stream().min(byValue);
    };
  }
}
