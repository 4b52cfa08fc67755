package dev.slipway.eval.report;

import static dev.slipway.eval.report.Markup.html;

import dev.slipway.eval.metric.Better;
import dev.slipway.eval.metric.Interval;
import dev.slipway.eval.metric.Measured;
import dev.slipway.eval.metric.MetricRow;
import dev.slipway.eval.report.BarChart.Bar;
import dev.slipway.eval.report.TaskEvaluation.Beside;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A task's metrics with their intervals, and beside them the yardsticks'. */
final class QualitySection {
  /** Metrics of single classes beyond this many rows are folded away. */
  private static final int SHOWN = 12;

  private QualitySection() {}

  static Markup body(TaskEvaluation evaluation) {
    return html(
        """
        {}<div class="cards two wide start">{}{}</div>{}
        """,
        chart(evaluation),
        figures(evaluation),
        yardsticks(evaluation),
        notes(evaluation));
  }

  private static Markup chart(TaskEvaluation evaluation) {
    MetricRow deciding = evaluation.deciding();
    List<Bar> bars = new ArrayList<>();
    if (deciding.measured().isDefined()) {
      bars.add(new Bar("this model", deciding.value(), deciding.interval(), true, false));
    }
    for (Beside beside : evaluation.yardsticks()) {
      if (Double.isFinite(beside.value())) {
        bars.add(new Bar(beside.name(), beside.value(), beside.interval(), false, false));
      }
    }
    // Bars begin at zero, which a figure below it can't be shown by.
    if (bars.size() < 2 || bars.stream().anyMatch(bar -> bar.value() < 0)) {
      return Markup.NONE;
    }
    String label = MetricLabels.of(deciding.name());
    boolean higher = deciding.better() == Better.HIGHER;
    return html(
        """
        <figure class="card"><figcaption><span><b>{}</b> <span class="unit">{} is better; the whisker is the 95 % interval</span></span></figcaption>{}</figure>
        """,
        Character.toUpperCase(label.charAt(0)) + label.substring(1),
        higher ? "longer" : "shorter",
        BarChart.svg(label + " of the model and its yardsticks", label, bars, higher));
  }

  private static Markup figures(TaskEvaluation evaluation) {
    List<Markup> rows = new ArrayList<>();
    List<Markup> more = new ArrayList<>();
    for (MetricRow row : evaluation.metrics()) {
      boolean single = row.name().indexOf('[') >= 0;
      (single || rows.size() >= SHOWN ? more : rows).add(row(row));
    }
    return html(
        """
        <div class="card scroll"><h3>The model</h3>{}{}<p class="note">{} held-out examples. Intervals of 95 %: Wilson's for shares of examples, else by the bootstrap over examples (Efron and Tibshirani 1993).</p></div>
        """,
        table(rows),
        more.isEmpty()
            ? Markup.NONE
            : html(
                "<details><summary>{} more, by class and others</summary>{}</details>",
                more.size(),
                table(more)),
        Figures.count(evaluation.examples()));
  }

  private static Markup table(List<Markup> rows) {
    return html(
        """
        <table class="loose"><thead><tr><th scope="col">Metric</th><th scope="col">Value</th><th scope="col">95 % interval</th></tr></thead><tbody>{}</tbody></table>
        """,
        rows);
  }

  private static Markup row(MetricRow row) {
    String note = row.measured() instanceof Measured.Undefined(String why) ? why : row.note();
    return html(
        "<tr><th scope=\"row\">{}{}</th><td><b>{}</b></td><td>{}</td></tr>",
        MetricLabels.of(row.name()),
        note.isEmpty() ? Markup.NONE : html("<small>{}</small>", note),
        row.measured().isDefined() ? MetricLabels.value(row.value()) : "undefined",
        between(row.interval()));
  }

  static String between(@Nullable Interval interval) {
    return interval == null
        ? "–"
        : MetricLabels.value(interval.low()) + " to " + MetricLabels.value(interval.high());
  }

  private static Markup yardsticks(TaskEvaluation evaluation) {
    if (evaluation.yardsticks().isEmpty()) {
      return Markup.NONE;
    }
    List<Markup> rows = new ArrayList<>();
    for (Beside beside : evaluation.yardsticks()) {
      rows.add(
          html(
              """
              <tr><th scope="row">{}<small>saw {}; {}</small></th><td><b>{}</b><small>{}</small></td><td>{}</td></tr>
              """,
              beside.name(),
              beside.saw(),
              beside.source(),
              MetricLabels.value(beside.value()),
              beside.interval() == null ? "" : between(beside.interval()),
              Double.isNaN(beside.seconds()) || beside.seconds() == 0
                  ? "–"
                  : Figures.duration(beside.seconds())));
    }
    return html(
        """
        <div class="card scroll"><h3>The yardsticks, on the same examples</h3><table class="yardsticks loose"><thead><tr><th scope="col">Yardstick</th><th scope="col">{}</th><th scope="col">Took</th></tr></thead><tbody>{}</tbody></table></div>
        """,
        MetricLabels.of(evaluation.deciding().name()),
        rows);
  }

  private static Markup notes(TaskEvaluation evaluation) {
    List<Markup> notes = new ArrayList<>();
    for (String note : evaluation.notes()) {
      notes.add(html("<p class=\"note\">{}</p>", note));
    }
    return html("{}", notes);
  }
}
