package dev.slipway.recipe.examples;

import dev.slipway.eval.measure.Metrics;
import dev.slipway.eval.metric.MetricReport;
import dev.slipway.eval.metric.MetricRow;
import dev.slipway.task.Predictions;
import java.util.ArrayList;
import java.util.List;

/** All metrics of a task's predictions. */
final class Measures {
  private Measures() {}

  static MetricReport of(Predictions predictions, long seed) {
    return switch (predictions) {
      case Predictions.Binary binary ->
          Metrics.binary(
              binary.truth(), binary.positive(), binary.classes(), binary.threshold(), seed);
      case Predictions.MultiClass classes ->
          Metrics.multiClass(classes.truth(), classes.probabilities(), classes.classes(), seed);
      case Predictions.MultiLabel labels ->
          Metrics.multiLabel(
              labels.truth(), labels.probabilities(), labels.thresholds(), labels.labels(), seed);
      case Predictions.Numbers numbers ->
          Metrics.regression(numbers.truth(), numbers.predicted(), seed);
      case Predictions.Tags tags -> Metrics.tagging(tags.truth(), tags.predicted(), seed);
      case Predictions.Texts texts -> Metrics.text(texts.references(), texts.told(), seed);
      case Predictions.Several several -> {
        List<MetricRow> rows = new ArrayList<>();
        several
            .byHead()
            .forEach(
                (head, one) ->
                    of(one, seed)
                        .rows()
                        .forEach(
                            row ->
                                rows.add(
                                    new MetricRow(
                                        head + "/" + row.name(),
                                        row.better(),
                                        row.measured(),
                                        row.interval(),
                                        row.note()))));
        yield new MetricReport("multi-task", several.examples().length, rows, List.of());
      }
    };
  }
}
