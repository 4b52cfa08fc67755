package dev.slipway.eval.report;

import static dev.slipway.eval.report.Markup.html;

import java.util.ArrayList;
import java.util.List;

/**
 * The report of a task as one HTML page, as {@link ReportPage} is for language models: no script,
 * no request, light or dark as its reader is.
 */
public final class TaskPage {
  private TaskPage() {}

  /** The page's text, to be written as UTF-8. The same report gives the same bytes. */
  public static String render(TaskReport report) {
    List<Markup> sections = new ArrayList<>();
    for (TaskSection section : report.sections()) {
      sections.add(section(section));
    }
    sections.add(
        ReportPage.section(
            "facts",
            "What made it",
            "Enough to make it again.",
            html(
                "<div class=\"cards three\">{}{}{}</div>{}",
                ReportPage.facts("Model", report.model()),
                ReportPage.facts("Machine", report.machine()),
                ReportPage.facts("Versions", report.versions()),
                ReportPage.recipe(report.recipe()))));
    return PageShell.page(
        report.title(), report.subtitle(), report.verdict(), report.tiles(), sections);
  }

  private static Markup section(TaskSection section) {
    return switch (section) {
      case TaskSection.Quality(TaskEvaluation evaluation) ->
          ReportPage.section(
              "quality",
              "How good it is",
              "On " + evaluation.heldOut() + ".",
              QualitySection.body(evaluation));
      case TaskSection.Decisions decisions ->
          ReportPage.section(
              "decisions",
              "How it decides",
              "All on the same held-out examples.",
              pictures(decisions));
      case TaskSection.Numbers numbers ->
          ReportPage.section(
              "numbers",
              "How far off it is",
              "Each dot is a held-out example; point at one for its numbers.",
              pictures(numbers));
      case TaskSection.Costs costs ->
          ReportPage.section(
              "costs",
              "What its decisions cost",
              "The threshold was chosen on validation examples, the cost is that of held-out ones.",
              AnalysisSections.costs(costs));
      case TaskSection.Folds folds ->
          ReportPage.section(
              "folds",
              "Over " + folds.folds().folds().size() + " folds",
              "Each was held out once; the folds are " + folds.folds().kind() + ".",
              AnalysisSections.folds(folds));
      case TaskSection.Compared compared ->
          ReportPage.section(
              "compared",
              "Beside another run",
              "On the same examples.",
              sentences(compared.sentences()));
      case TaskSection.Learning learning ->
          ReportPage.section(
              "training",
              "How it learnt",
              "Point at a chart to read its values.",
              html(
                  "{}{}",
                  AnalysisSections.findings(learning.findings()),
                  ReportPage.curves(learning.curves())));
      case TaskSection.Watch watch ->
          ReportPage.section(
              "watch",
              "What the training watch saw",
              "Gradients, updates and activations, layer by layer.",
              AnalysisSections.watch(watch));
      case TaskSection.Slices slices ->
          ReportPage.section(
              "slices",
              "Where it does worse",
              "Parts of the held-out examples; marked are those significantly worse than the rest.",
              AnalysisSections.slices(slices));
      case TaskSection.Groups groups ->
          ReportPage.section(
              "fairness",
              "Whom its decisions hit",
              "Rates of groups of people with their intervals of 95 %.",
              AnalysisSections.groups(groups));
      case TaskSection.Examples examples ->
          ReportPage.section(
              examples.id(), examples.title(), examples.lead(), ExampleCards.examples(examples));
      case TaskSection.Data data ->
          ReportPage.section(
              "data", "What the data are", "Counted before training.", DataSection.body(data));
      case TaskSection.Augmented augmented ->
          ReportPage.section(
              "augmented",
              "What augmentation does",
              "The first of each row is the example as it is.",
              ExampleCards.augmented(augmented));
      case TaskSection.Layers layers ->
          ReportPage.section(
              "layers", "The network", "Layer by layer.", DataSection.layers(layers.layers()));
      case TaskSection.Forecasts forecasts ->
          ReportPage.section(
              "forecast",
              "Forecast against actual",
              "What was said before the run, and what it took.",
              ReportPage.forecasts(forecasts.forecasts()));
      case TaskSection.Table table ->
          ReportPage.section(
              table.id(),
              table.title(),
              table.lead(),
              html("<div class=\"card scroll\">{}</div>", table(table.columns(), table.rows())));
    };
  }

  static Markup pictures(TaskSection section) {
    List<Markup> cards = new ArrayList<>();
    for (Picture picture : Pictures.of(section)) {
      cards.add(card(picture));
    }
    return html("<div class=\"cards pictures\">{}</div>", cards);
  }

  private static Markup card(Picture picture) {
    List<Markup> keys = new ArrayList<>();
    for (int i = 0; i < picture.legend().size(); i++) {
      keys.add(
          html(
              "<span class=\"key s{}\"><i></i>{}</span>", Math.min(i, 3), picture.legend().get(i)));
    }
    return html(
        """
        <figure class="card"><figcaption><span><b>{}</b> <span class="unit">{}</span></span>{}</figcaption>{}</figure>
        """,
        picture.title(),
        picture.note(),
        keys.isEmpty() ? Markup.NONE : html("<span class=\"legend wrap\">{}</span>", keys),
        PictureSvg.svg(picture));
  }

  static Markup sentences(List<String> sentences) {
    List<Markup> items = new ArrayList<>();
    for (String sentence : sentences) {
      items.add(html("<li>{}</li>", sentence));
    }
    return items.isEmpty()
        ? Markup.NONE
        : html("<div class=\"card\"><ul class=\"plain\">{}</ul></div>", items);
  }

  /** The first cell of each row is its head. */
  static Markup table(List<String> columns, List<List<String>> rows) {
    List<Markup> heads = new ArrayList<>();
    for (String column : columns) {
      heads.add(html("<th scope=\"col\">{}</th>", column));
    }
    List<Markup> lines = new ArrayList<>();
    for (List<String> row : rows) {
      List<Markup> cells = new ArrayList<>();
      for (int c = 0; c < row.size(); c++) {
        cells.add(
            c == 0
                ? html("<th scope=\"row\">{}</th>", row.get(c))
                : html("<td>{}</td>", row.get(c)));
      }
      lines.add(html("<tr>{}</tr>", cells));
    }
    return html(
        "<table class=\"loose\"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>", heads, lines);
  }
}
