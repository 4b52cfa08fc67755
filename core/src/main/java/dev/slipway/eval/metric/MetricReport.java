package dev.slipway.eval.metric;

import dev.slipway.base.Json;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * All metrics of one task on one set of examples.
 *
 * @param task what was measured: {@code binary}, {@code multi-class}, {@code multi-label}, {@code
 *     regression}, {@code quantile}, {@code text}, {@code transcription}, {@code ranking}, {@code
 *     recommendation} or {@code tagging}
 * @param examples number of rows, texts, queries or sequences
 * @param rows the metrics; the first is the one to decide by
 * @param curves what can be drawn beside them
 */
public record MetricReport(String task, long examples, List<MetricRow> rows, List<Curve> curves) {
  public MetricReport {
    rows = List.copyOf(rows);
    curves = List.copyOf(curves);
  }

  public Optional<MetricRow> row(String name) {
    return rows.stream().filter(row -> row.name().equals(name)).findFirst();
  }

  /** The metric's number, or NaN where it is undefined or not of this task. */
  public double value(String name) {
    return row(name).map(MetricRow::value).orElse(Double.NaN);
  }

  /**
   * {@code {task, examples, metrics: [{name, better, value, low, high, undefined, note}], curves}};
   * an undefined metric has {@code "value": null} and the reason in {@code undefined}.
   */
  public ObjectNode json() {
    ObjectNode json = Json.object();
    json.put("task", task).put("examples", examples);
    ArrayNode metrics = json.putArray("metrics");
    for (MetricRow row : rows) {
      ObjectNode entry = metrics.addObject();
      entry.put("name", row.name()).put("better", row.better().name().toLowerCase(Locale.ROOT));
      switch (row.measured()) {
        case Measured.Value(double value) when Double.isFinite(value) -> entry.put("value", value);
        case Measured.Value(double value) ->
            entry.putNull("value").put("undefined", "it is " + value);
        case Measured.Undefined(String reason) -> entry.putNull("value").put("undefined", reason);
      }
      Interval interval = row.interval();
      if (interval != null && Double.isFinite(interval.low()) && Double.isFinite(interval.high())) {
        entry.put("low", interval.low()).put("high", interval.high());
      }
      if (!row.note().isEmpty()) {
        entry.put("note", row.note());
      }
    }
    ArrayNode drawn = json.putArray("curves");
    curves.forEach(curve -> drawn.add(curve.json()));
    return json;
  }
}
