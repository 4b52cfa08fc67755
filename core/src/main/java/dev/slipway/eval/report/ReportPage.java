package dev.slipway.eval.report;

import static dev.slipway.eval.report.Markup.html;

import dev.slipway.eval.report.Curve.Series;
import dev.slipway.eval.report.ReportData.Fact;
import dev.slipway.eval.report.ReportData.Forecast;
import dev.slipway.eval.report.ReportData.Sample;
import java.util.ArrayList;
import java.util.List;

/**
 * The report of a run as one HTML page. It asks for nothing over the network and has no script, and
 * its content security policy forbids both; it follows the reader's choice of light or dark.
 */
public final class ReportPage {
  private ReportPage() {}

  /** The page's text, to be written as UTF-8. The same data give the same bytes. */
  public static String render(ReportData data) {
    return PageShell.page(
        data.title(), data.subtitle(), data.verdict(), data.tiles(), sections(data));
  }

  private static List<Markup> sections(ReportData data) {
    List<Markup> sections = new ArrayList<>();
    ReportData.Evaluation evaluation = data.evaluation();
    if (evaluation != null) {
      sections.add(
          section(
              "quality",
              "How good it is",
              "On " + evaluation.heldOut() + ".",
              EvaluationSection.body(evaluation)));
    }
    if (!data.curves().isEmpty()) {
      sections.add(
          section(
              "training",
              "How it learnt",
              "Point at a chart to read its values.",
              curves(data.curves())));
    }
    if (!data.samples().isEmpty()) {
      sections.add(
          section(
              "samples",
              "What it writes",
              "The beginning was given; the coloured text is the model's.",
              samples(data.samples())));
    }
    ReportData.Ledger ledger = data.ledger();
    if (ledger != null) {
      sections.add(
          section(
              "ledger",
              "Where the data went",
              "Each record of the input is in exactly one row.",
              LedgerSection.body(ledger)));
    }
    if (!data.forecasts().isEmpty()) {
      sections.add(
          section(
              "forecast",
              "Forecast against actual",
              "What was said before the run, and what it took.",
              forecasts(data.forecasts())));
    }
    sections.add(
        section(
            "facts",
            "What made it",
            "Enough to make it again.",
            html(
                "<div class=\"cards three\">{}{}{}</div>{}",
                facts("Model", data.model()),
                facts("Machine", data.machine()),
                facts("Versions", data.versions()),
                recipe(data.recipe()))));
    return sections;
  }

  static Markup section(String id, String title, String lead, Markup body) {
    return html(
        """
        <section id="{}"><h2>{}</h2><p class="lead">{}</p>{}</section>
        """,
        id,
        title,
        lead,
        body);
  }

  static Markup curves(List<Curve> curves) {
    List<Markup> cards = new ArrayList<>();
    for (int i = 0; i < curves.size(); i++) {
      Curve curve = curves.get(i);
      cards.add(
          html(
              """
              <figure class="card curve"><figcaption><span><b>{}</b> <span class="unit">{}</span></span>{}</figcaption>{}</figure>
              """,
              curve.title(),
              curve.unit(),
              legend(curve.series()),
              LineChart.svg(curve, "curve-" + i)));
    }
    return html("<div class=\"cards two\">{}</div>", cards);
  }

  static Markup legend(List<Series> series) {
    if (series.size() < 2) {
      return Markup.NONE;
    }
    List<Markup> entries = new ArrayList<>();
    for (int i = 0; i < series.size(); i++) {
      entries.add(html("<span class=\"key s{}\"><i></i>{}</span>", i, series.get(i).name()));
    }
    return html("<span class=\"legend\">{}</span>", entries);
  }

  private static Markup samples(List<Sample> samples) {
    List<Markup> cards = new ArrayList<>();
    for (Sample sample : samples) {
      cards.add(
          html(
              """
              <figure class="card sample"><pre>{}<ins>{}</ins></pre><figcaption>{}</figcaption></figure>
              """,
              sample.prompt(),
              sample.continuation(),
              sample.settings()
                  + (sample.continuation().isBlank()
                      ? "; the model ended the document here"
                      : "")));
    }
    return html("<div class=\"cards two\">{}</div>", cards);
  }

  static Markup forecasts(List<Forecast> forecasts) {
    List<Markup> rows = new ArrayList<>();
    for (Forecast forecast : forecasts) {
      Double actual = forecast.actual();
      Double error = forecast.error();
      rows.add(
          html(
              """
              <tr><th scope="row">{}</th><td>{}</td><td>{}</td><td class="{}">{}</td><td class="deviation">{}</td></tr>
              """,
              forecast.quantity(),
              forecast.unit().format(forecast.forecast()),
              actual == null ? "not measured" : forecast.unit().format(actual),
              error == null ? "" : grade(error),
              error == null ? "–" : Figures.signedPercent(error),
              error == null ? Markup.NONE : deviation(error)));
    }
    return html(
        """
        <div class="card scroll"><table><thead><tr><th scope="col">Quantity</th><th scope="col">Forecast</th><th scope="col">Actual</th><th scope="col">Error</th><th scope="col"><span class="ends"><span>too low</span><span>actual</span><span>too high</span></span></th></tr></thead><tbody>{}</tbody></table></div>
        """,
        rows);
  }

  /** Within a tenth it is good, within a fifth it will do. */
  private static String grade(double error) {
    double size = Math.abs(error);
    return size <= 0.1 ? "good" : size <= 0.2 ? "fair" : "poor";
  }

  private static Markup deviation(double error) {
    double end = 100 + 200 * Math.clamp(error, -0.5, 0.5);
    return html(
        """
        <svg class="chart" viewBox="-4 0 208 18" aria-hidden="true"><rect class="within" x="80" y="2" width="40" height="14" rx="3"/><line class="base" x1="100" x2="100" y1="1" y2="17"/><line class="error {}" x1="100" x2="{}" y1="9" y2="9"/><circle class="error {}" cx="{}" cy="9" r="4"/></svg>
        """,
        grade(error),
        Math.round(end),
        grade(error),
        Math.round(end));
  }

  static Markup facts(String title, List<Fact> facts) {
    if (facts.isEmpty()) {
      return Markup.NONE;
    }
    List<Markup> rows = new ArrayList<>();
    for (Fact fact : facts) {
      rows.add(html("<dt>{}</dt><dd>{}</dd>", fact.name(), fact.value()));
    }
    return html("<div class=\"card facts\"><h3>{}</h3><dl>{}</dl></div>", title, rows);
  }

  static Markup recipe(String yaml) {
    return yaml.isBlank()
        ? Markup.NONE
        : html(
            """
            <details class="card"><summary>The recipe, with nothing left to choose</summary><pre class="code">{}</pre></details>
            """,
            yaml);
  }
}
