package dev.slipway.eval.report;

import dev.slipway.eval.metric.Interval;
import dev.slipway.eval.metric.MetricRow;
import dev.slipway.eval.report.TaskEvaluation.Beside;
import java.util.Optional;

/**
 * Says in a sentence how good a model is beside its yardsticks, whichever way that came out; the
 * first line of a task's report and model card.
 */
public final class TaskVerdict {
  private TaskVerdict() {}

  public static String of(TaskEvaluation evaluation) {
    MetricRow row = evaluation.deciding();
    String label = MetricLabels.of(row.name());
    String on = " on " + Figures.count(evaluation.examples()) + " held-out " + evaluation.unit();
    if (!row.measured().isDefined()) {
      return "The model's " + label + on + " is undefined.";
    }
    String figure = "The model's " + label + on + " is " + MetricLabels.value(row.value());
    Optional<Beside> best = evaluation.best();
    if (best.isEmpty()) {
      return figure + ".";
    }
    double yardstick = best.get().value();
    String beside =
        "the best yardstick (" + best.get().name() + ", " + MetricLabels.value(yardstick) + ")";
    if (row.value() == yardstick || overlap(row, best.get())) {
      return row.better().prefers(yardstick, row.value())
          ? figure + ", which does not beat " + beside + ": the difference is within chance."
          : figure + ", about that of " + beside + ".";
    }
    return row.better().prefers(row.value(), yardstick)
        ? figure + ", better than " + beside + "."
        : figure + ", worse than " + beside + ": the model loses to its yardstick.";
  }

  private static boolean overlap(MetricRow model, Beside yardstick) {
    Interval own = model.interval();
    Interval other = yardstick.interval();
    return own != null && own.contains(yardstick.value())
        || other != null && other.contains(model.value());
  }
}
