package dev.slipway.eval.report;

import static dev.slipway.eval.report.Markup.html;

import dev.slipway.eval.compare.Retention;
import dev.slipway.eval.metric.Interval;
import dev.slipway.eval.metric.LanguageModelMetrics;
import dev.slipway.eval.report.BarChart.Bar;
import dev.slipway.eval.report.ReportData.Evaluation;
import dev.slipway.eval.report.ReportData.Way;
import dev.slipway.eval.yardstick.Yardstick;
import java.util.ArrayList;
import java.util.List;

/** The model's figures with their intervals, and beside them the yardsticks'. */
final class EvaluationSection {
  private EvaluationSection() {}

  static Markup body(Evaluation evaluation) {
    return html(
        """
        <figure class="card"><figcaption><span><b>Bits per byte</b> <span class="unit">shorter is better; the whisker is the 95 % interval</span></span></figcaption>{}</figure>
        <div class="cards two wide">{}{}</div>{}{}
        """,
        chart(evaluation),
        figures(evaluation.metrics()),
        yardsticks(evaluation),
        retention(evaluation.retention()),
        ways(evaluation.ways()));
  }

  private static Markup ways(List<Way> ways) {
    if (ways.size() < 2) {
      return Markup.NONE;
    }
    List<Markup> rows = new ArrayList<>();
    for (Way way : ways) {
      Double forgetting = way.forgetting();
      rows.add(
          html(
              """
              <tr><th scope="row">{}<small>{}</small></th><td>{}</td><td>{}</td><td>{}</td><td><b>{}</b></td><td>{}</td></tr>
              """,
              way.method(),
              way.own() ? "this run" : way.run(),
              Figures.count(way.trained()),
              Figures.duration(way.trainSeconds()),
              Figures.bytes(way.peakMemory()),
              Figures.decimals(way.bitsPerByte(), 4),
              forgetting == null ? "–" : Figures.decimals(forgetting, 4)));
    }
    return html(
        """
        <div class="card scroll"><h3>Ways of tuning</h3><table class="ways"><thead><tr><th scope="col">Way</th><th scope="col">Trained parameters</th><th scope="col">Training</th><th scope="col">Peak memory</th><th scope="col">Bits per byte</th><th scope="col">Forgetting</th></tr></thead><tbody>{}</tbody></table><p class="note">Finished runs beside this one, of the same model, data and task, on the same test split; forgetting is what bits per byte of other text rose by.</p></div>
        """,
        rows);
  }

  private static Markup retention(List<Retention> retention) {
    if (retention.isEmpty()) {
      return Markup.NONE;
    }
    List<Markup> rows = new ArrayList<>();
    for (Retention one : retention) {
      rows.add(
          html(
              """
              <tr><th scope="row">{}<small>{}</small></th><td>{}</td><td><b>{}</b></td><td>{}</td><td>{} to {}</td></tr>
              """,
              one.what(),
              one.metric(),
              Figures.decimals(one.before(), 4),
              Figures.decimals(one.after(), 4),
              Figures.decimals(one.difference().estimate(), 4),
              Figures.decimals(one.difference().low(), 4),
              Figures.decimals(one.difference().high(), 4)));
    }
    return html(
        """
        <div class="card scroll"><h3>What it was not tuned for</h3><table><thead><tr><th scope="col">Measured on</th><th scope="col">Before tuning</th><th scope="col">After</th><th scope="col">Difference</th><th scope="col">95 % interval</th></tr></thead><tbody>{}</tbody></table><p class="note">What tuning cost elsewhere, paired over the same examples.</p></div>
        """,
        rows);
  }

  private static Markup chart(Evaluation evaluation) {
    Interval model = evaluation.metrics().bitsPerByte();
    List<Bar> bars = new ArrayList<>();
    bars.add(
        new Bar(
            "this model",
            model.estimate(),
            evaluation.metrics().documents() > 1 ? model : null,
            true,
            false));
    for (Yardstick yardstick : evaluation.yardsticks()) {
      bars.add(
          new Bar(yardstick.name(), yardstick.bitsPerByte(), yardstick.interval(), false, false));
    }
    Double forecast = evaluation.forecastBitsPerByte();
    if (forecast != null) {
      bars.add(new Bar("the forecast before the run", forecast, null, false, true));
    }
    return BarChart.svg("Bits per byte of the model and its yardsticks", "bits per byte", bars);
  }

  private static Markup figures(LanguageModelMetrics metrics) {
    boolean several = metrics.documents() > 1;
    return html(
        """
        <div class="card scroll"><h3>The model</h3><table><thead><tr><th scope="col">Figure</th><th scope="col">Value</th><th scope="col">95 % interval</th></tr></thead><tbody>{}{}{}{}</tbody></table><p class="note">{} documents, {} tokens, {} bytes. {}</p></div>
        """,
        row("Bits per byte", metrics.bitsPerByte(), 4, several),
        row("Perplexity per token", metrics.perplexity(), 3, several),
        row("Loss per token, nats", metrics.lossPerToken(), 4, several),
        percentRow("Next token right", metrics.accuracy(), several),
        Figures.count(metrics.documents()),
        Figures.count(metrics.tokens()),
        Figures.count(metrics.bytes()),
        several
            ? "Intervals by the bootstrap over documents (Efron and Tibshirani 1993)."
            : "One document gives no interval.");
  }

  private static Markup row(String name, Interval value, int decimals, boolean several) {
    return html(
        "<tr><th scope=\"row\">{}</th><td><b>{}</b></td><td>{}</td></tr>",
        name,
        Figures.decimals(value.estimate(), decimals),
        several
            ? Figures.decimals(value.low(), decimals)
                + " to "
                + Figures.decimals(value.high(), decimals)
            : "–");
  }

  private static Markup percentRow(String name, Interval value, boolean several) {
    return html(
        "<tr><th scope=\"row\">{}</th><td><b>{}</b></td><td>{}</td></tr>",
        name,
        Figures.percent(value.estimate()),
        several ? Figures.percent(value.low()) + " to " + Figures.percent(value.high()) : "–");
  }

  private static Markup yardsticks(Evaluation evaluation) {
    List<Markup> rows = new ArrayList<>();
    for (Yardstick yardstick : evaluation.yardsticks()) {
      rows.add(
          html(
              """
              <tr><th scope="row">{}<small>saw {}; {}</small></th><td><b>{}</b></td><td>{}</td></tr>
              """,
              yardstick.name(),
              yardstick.saw(),
              yardstick.source(),
              Figures.decimals(yardstick.bitsPerByte(), 4),
              Figures.duration(yardstick.seconds())));
    }
    Double forecast = evaluation.forecastBitsPerByte();
    if (forecast != null) {
      rows.add(
          html(
              """
              <tr><th scope="row">the forecast<small>made before the run</small></th><td><b>{}</b></td><td>–</td></tr>
              """,
              Figures.decimals(forecast, 4)));
    }
    return html(
        """
        <div class="card scroll"><h3>The yardsticks, on the same text</h3><table class="yardsticks"><thead><tr><th scope="col">Yardstick</th><th scope="col">Bits per byte</th><th scope="col">Took</th></tr></thead><tbody>{}</tbody></table></div>
        """,
        rows);
  }
}
