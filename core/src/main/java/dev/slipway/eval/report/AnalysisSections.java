package dev.slipway.eval.report;

import static dev.slipway.eval.report.Markup.html;

import dev.slipway.eval.analysis.CostMatrix;
import dev.slipway.eval.analysis.CrossValidation;
import dev.slipway.eval.analysis.Fairness;
import dev.slipway.eval.analysis.LearningDiagnosis.Finding;
import dev.slipway.eval.analysis.LearningDiagnosis.Kind;
import dev.slipway.eval.analysis.Slice;
import dev.slipway.eval.metric.Interval;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Diagnosis, watch, slices, groups, costs and folds, in words and tables. */
final class AnalysisSections {
  private AnalysisSections() {}

  static Markup findings(List<Finding> findings) {
    List<Markup> items = new ArrayList<>();
    for (Finding finding : findings) {
      items.add(
          html(
              "<li class=\"finding {}\"><b>{}</b><span>{}</span></li>",
              finding.kind() == Kind.HEALTHY
                  ? "well"
                  : finding.kind() == Kind.UNKNOWN ? "open" : "ill",
              finding.finding(),
              finding.tryNext()));
    }
    return items.isEmpty()
        ? Markup.NONE
        : html("<div class=\"card\"><ul class=\"plain\">{}</ul></div>", items);
  }

  static Markup watch(TaskSection.Watch watch) {
    List<Markup> items = new ArrayList<>();
    for (String trouble : watch.troubles()) {
      items.add(html("<li class=\"finding ill\"><b>{}</b></li>", trouble));
    }
    if (items.isEmpty()) {
      items.add(
          html(
              "<li class=\"finding well\"><b>No dead activations, no vanishing and no exploding"
                  + " gradients.</b></li>"));
    }
    List<Markup> rows = new ArrayList<>();
    for (TaskSection.WatchedLayer layer : watch.layers()) {
      rows.add(
          html(
              """
              <tr><th scope="row">{}</th><td>{}</td><td>{}</td><td>{}</td><td class="poor">{}</td></tr>
              """,
              layer.layer(),
              Figures.digits(layer.gradientNorm()),
              Figures.digits(layer.updateRatio()),
              Double.isNaN(layer.deadShare()) ? "–" : Figures.percent(layer.deadShare()),
              layer.trouble()));
    }
    Markup table =
        rows.isEmpty()
            ? Markup.NONE
            : html(
                """
                <div class="card scroll"><table class="loose"><thead><tr><th scope="col">Layer</th><th scope="col">Gradient norm</th><th scope="col">Update ÷ weights</th><th scope="col">Dead units</th><th scope="col"></th></tr></thead><tbody>{}</tbody></table></div>
                """,
                rows);
    return html("<div class=\"card\"><ul class=\"plain\">{}</ul></div>{}", items, table);
  }

  static Markup slices(TaskSection.Slices slices) {
    List<Markup> first = new ArrayList<>();
    List<Markup> others = new ArrayList<>();
    for (Slice slice : slices.slices()) {
      (slice.flagged() || first.size() < 12 ? first : others).add(row(slice));
    }
    long flagged = slices.slices().stream().filter(Slice::flagged).count();
    return html(
        """
        <div class="card scroll"><table class="loose"><thead><tr><th scope="col">Slice</th><th scope="col">Examples</th><th scope="col">{}</th><th scope="col">95 % interval</th><th scope="col">All others</th></tr></thead><tbody>{}</tbody></table>{}<p class="note">{} Of slices with fewer than 20 examples nothing is claimed. Tested together at a false discovery rate of 5 % (Benjamini and Hochberg 1995).</p></div>
        """,
        slices.figure(),
        first,
        others.isEmpty()
            ? Markup.NONE
            : html(
                "<details><summary>{} more slices</summary><table class=\"loose\"><tbody>{}</tbody></table></details>",
                others.size(),
                others),
        flagged == 0
            ? "No slice is significantly worse than the rest."
            : flagged == 1
                ? "One slice is significantly worse than the rest."
                : flagged + " slices are significantly worse than the rest.");
  }

  private static Markup row(Slice slice) {
    return html(
        """
        <tr{}><th scope="row">{}: {}{}</th><td>{}</td><td><b>{}</b></td><td>{}</td><td>{}</td></tr>
        """,
        slice.flagged() ? new Markup(" class=\"flagged\"") : Markup.NONE,
        slice.by(),
        slice.part(),
        slice.flagged()
            ? html(
                "<small class=\"poor\">worse than the rest, p = {}</small>",
                Figures.digits(slice.p()))
            : Markup.NONE,
        Figures.count(slice.examples()),
        MetricLabels.value(slice.value()),
        QualitySection.between(slice.interval()),
        MetricLabels.value(slice.rest()));
  }

  static Markup groups(TaskSection.Groups groups) {
    List<Markup> cards = new ArrayList<>();
    for (Fairness fairness : groups.groups()) {
      List<Markup> rows = new ArrayList<>();
      for (Fairness.Group group : fairness.groups()) {
        rows.add(
            html(
                """
                <tr><th scope="row">{}<small>{} of {} positive</small></th><td>{}</td><td>{}</td><td>{}</td></tr>
                """,
                group.name(),
                Figures.count(group.positives()),
                Figures.count(group.examples()),
                rate(group.selectionRate()),
                rate(group.truePositiveRate()),
                rate(group.falsePositiveRate())));
      }
      double ratio = fairness.selectionRatio();
      cards.add(
          html(
              """
              <div class="card scroll"><h3>By {}</h3><table class="loose"><thead><tr><th scope="col">Group</th><th scope="col">Selected</th><th scope="col">True positive rate</th><th scope="col">False positive rate</th></tr></thead><tbody>{}</tbody></table><p class="note">Selected: {}. Selection rates differ by {} (the lowest is {} of the highest{}), true positive rates by {}, false positive rates by {}.</p></div>
              """,
              fairness.by(),
              rows,
              fairness.selected(),
              points(fairness.selectionDifference()),
              Double.isNaN(ratio) ? "an unknown share" : Figures.percent(ratio),
              ratio < 0.8 ? ", below the four-fifths rule" : "",
              points(fairness.truePositiveDifference()),
              points(fairness.falsePositiveDifference())));
    }
    return html("<div class=\"cards two wide start\">{}</div>", cards);
  }

  private static String points(double value) {
    return Double.isNaN(value) ? "an unknown amount" : Figures.decimals(100 * value, 1) + " points";
  }

  private static Markup rate(@Nullable Interval interval) {
    return interval == null
        ? html("–")
        : html(
            "<b>{}</b><small>{}–{} %</small>",
            Figures.percent(interval.estimate()),
            Figures.decimals(100 * interval.low(), 1),
            Figures.decimals(100 * interval.high(), 1));
  }

  static Markup costs(TaskSection.Costs costs) {
    CostMatrix.Outcome outcome = costs.outcome();
    List<String> classes = costs.matrix().classes();
    List<List<String>> matrix = new ArrayList<>();
    for (int truth = 0; truth < classes.size(); truth++) {
      List<String> row = new ArrayList<>();
      row.add(classes.get(truth));
      for (double cost : costs.matrix().costs()[truth]) {
        row.add(cost == Math.rint(cost) ? Figures.count((long) cost) : Figures.digits(cost));
      }
      matrix.add(row);
    }
    List<String> heads = new ArrayList<>(List.of("Truly ↓ · told →"));
    heads.addAll(classes);
    List<List<String>> rows =
        List.of(
            List.of(
                "this model, from "
                    + Figures.decimals(outcome.threshold(), 3)
                    + " up "
                    + classes.get(1),
                MetricLabels.value(outcome.testCost()),
                QualitySection.between(outcome.test())),
            List.of("this model, from 0.5 up", MetricLabels.value(outcome.usualCost()), "–"),
            List.of(
                "no model: always " + outcome.constantClass(),
                MetricLabels.value(outcome.constantCost()),
                "–"));
    return html(
        """
        <div class="cards two wide start"><div class="card scroll"><h3>Mean cost of an example</h3>{}{}</div><div class="card scroll"><h3>The cost matrix</h3>{}</div></div>
        """,
        TaskPage.table(List.of("Decision", "Cost", "95 % interval"), rows),
        html(
            "<p class=\"note\">On the validation examples, which the threshold was chosen on, it"
                + " costs {}.</p>",
            MetricLabels.value(outcome.validationCost())),
        TaskPage.table(heads, matrix));
  }

  static Markup folds(TaskSection.Folds section) {
    CrossValidation folds = section.folds();
    List<String> heads = new ArrayList<>(List.of("Fold", "Trained on", "Held out"));
    folds.metrics().forEach(metric -> heads.add(MetricLabels.of(metric)));
    List<Markup> columns = new ArrayList<>();
    heads.forEach(head -> columns.add(html("<th scope=\"col\">{}</th>", head)));
    List<Markup> rows = new ArrayList<>();
    for (CrossValidation.Fold fold : folds.folds()) {
      List<Markup> cells = new ArrayList<>();
      for (double value : fold.values()) {
        cells.add(html("<td>{}</td>", MetricLabels.value(value)));
      }
      rows.add(
          html(
              "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td>{}</tr>",
              fold.name(),
              Figures.count(fold.training()),
              Figures.count(fold.heldOut()),
              cells));
    }
    List<Markup> means = new ArrayList<>();
    List<Markup> spreads = new ArrayList<>();
    for (CrossValidation.Summary summary : folds.summaries()) {
      means.add(html("<td>{}</td>", MetricLabels.value(summary.mean())));
      spreads.add(html("<td>{}</td>", MetricLabels.value(summary.deviation())));
    }
    return html(
        """
        <div class="card scroll"><table class="loose"><thead><tr>{}</tr></thead><tbody>{}</tbody><tfoot><tr><th scope="row">Mean</th><td></td><td></td>{}</tr><tr><th scope="row">Standard deviation</th><td></td><td></td>{}</tr></tfoot></table><p class="note">{} The deviation says how far folds differ, not how sure the mean is.</p></div>
        """,
        columns,
        rows,
        means,
        spreads,
        section.note());
  }
}
