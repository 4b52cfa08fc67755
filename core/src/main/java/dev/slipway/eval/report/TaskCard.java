package dev.slipway.eval.report;

import static dev.slipway.eval.report.CardText.fenced;
import static dev.slipway.eval.report.CardText.line;
import static dev.slipway.eval.report.CardText.quoted;
import static dev.slipway.eval.report.CardText.row;
import static dev.slipway.eval.report.CardText.shell;

import dev.slipway.eval.analysis.CrossValidation;
import dev.slipway.eval.analysis.Fairness;
import dev.slipway.eval.metric.Interval;
import dev.slipway.eval.metric.Measured;
import dev.slipway.eval.metric.MetricRow;
import dev.slipway.eval.report.ReportData.Fact;
import dev.slipway.eval.report.TaskEvaluation.Beside;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The {@code README.md} of a model of any task but continuing text, which {@link ModelCard} is for:
 * YAML front matter as Hugging Face's hub reads it, then what Mitchell et al. 2019, "Model Cards
 * for Model Reporting", ask for: data, figures with intervals, yardsticks, figures by group,
 * limits.
 *
 * @param name of the model
 * @param task such as {@code binary classification}
 * @param pipelineTag of the hub, such as {@code text-classification}; null if it has none for it
 * @param network a clause: its kind and size
 * @param license an identifier of the hub such as {@code apache-2.0}, or null
 * @param tags of the hub
 * @param datasetName what it was trained on, short
 * @param data sentences: where the data came from, how they were cleaned and split, what is odd
 * @param takes what one asks with: each input's name and kind
 * @param answers sentences: what comes back
 * @param evaluation on held-out examples, if there was one
 * @param folds of a cross-validation, if there was one
 * @param groups how its decisions fall on groups of people
 * @param limits sentences: what it can't do and shouldn't be used for
 * @param making how it was made: sizes, epochs, time, machine
 * @param recipe the resolved recipe as YAML
 * @param example an input as JSON, for the examples of use; empty leaves these out
 */
public record TaskCard(
    String name,
    String task,
    @Nullable String pipelineTag,
    String network,
    @Nullable String license,
    List<String> tags,
    String datasetName,
    List<String> data,
    List<Fact> takes,
    List<String> answers,
    @Nullable TaskEvaluation evaluation,
    @Nullable CrossValidation folds,
    List<Fairness> groups,
    List<String> limits,
    List<Fact> making,
    String recipe,
    String example) {
  public TaskCard {
    tags = List.copyOf(tags);
    data = List.copyOf(data);
    takes = List.copyOf(takes);
    answers = List.copyOf(answers);
    groups = List.copyOf(groups);
    limits = List.copyOf(limits);
    making = List.copyOf(making);
  }

  /** The file's text. The same card gives the same bytes. */
  public String markdown() {
    StringBuilder out = new StringBuilder();
    frontMatter(out);
    out.append("\n# ").append(line(name)).append("\n\n");
    if (evaluation != null) {
      out.append(line(TaskVerdict.of(evaluation))).append("\n\n");
    }
    out.append("A model for ")
        .append(line(task))
        .append(": ")
        .append(line(network))
        .append(", built with Slipway.\n");
    CardText.section(out, "Data", data);
    if (!takes.isEmpty()) {
      out.append("\n## What it takes and gives\n\n| input | what it is |\n|---|---|\n");
      takes.forEach(input -> out.append(row(input.name(), input.value())));
      out.append('\n');
      answers.forEach(answer -> out.append("- ").append(line(answer)).append('\n'));
    }
    if (evaluation != null) {
      figures(out, evaluation);
    }
    if (folds != null) {
      folds(out, folds);
    }
    groups.forEach(fairness -> group(out, fairness));
    CardText.section(out, "Limits", limits);
    out.append("\n## How it was made\n\n| | |\n|---|---|\n");
    making.forEach(fact -> out.append(row(fact.name(), fact.value())));
    if (!recipe.isBlank()) {
      out.append("\nThe whole recipe:\n\n").append(fenced("yaml", recipe));
    }
    if (!example.isBlank()) {
      String input = example.replaceAll("\\s+", " ").strip();
      out.append("\n## How to use it\n\nIn the folder of this file:\n\n")
          .append(
              fenced("sh", "slipway predict . --input " + shell(input) + "\nslipway serve .\n"));
    }
    CardText.licence(out, license);
    return out.toString();
  }

  private void frontMatter(StringBuilder out) {
    out.append("---\n");
    CardText.licenceFields(out, license);
    out.append("library_name: slipway\n");
    if (pipelineTag != null) {
      out.append("pipeline_tag: ").append(quoted(pipelineTag)).append('\n');
    }
    out.append("tags:\n");
    tags.forEach(tag -> out.append("- ").append(quoted(tag)).append('\n'));
    TaskEvaluation measured = evaluation;
    if (measured != null) {
      out.append("model-index:\n- name: ")
          .append(quoted(name))
          .append("\n  results:\n  - task:\n      type: ")
          .append(quoted(pipelineTag == null ? task.replace(' ', '-') : pipelineTag))
          .append("\n    dataset:\n      name: ")
          .append(quoted(datasetName + ", held out"))
          .append("\n      type: ")
          .append(quoted("slipway-held-out"))
          .append("\n    metrics:\n");
      for (MetricRow metric : overall(measured)) {
        if (Double.isFinite(metric.value())) {
          out.append("    - type: ")
              .append(quoted(metric.name()))
              .append("\n      name: ")
              .append(quoted(MetricLabels.of(metric.name())))
              .append("\n      value: ")
              .append(String.format(Locale.ROOT, "%.6g", metric.value()))
              .append('\n');
        }
      }
    }
    out.append("---\n");
  }

  /** Metrics of single classes are the report's business. */
  private static List<MetricRow> overall(TaskEvaluation evaluation) {
    List<MetricRow> rows = new ArrayList<>(evaluation.metrics());
    rows.removeIf(row -> row.name().indexOf('[') >= 0);
    return rows;
  }

  private static void figures(StringBuilder out, TaskEvaluation evaluation) {
    out.append("\n## Figures\n\nOn ")
        .append(line(evaluation.heldOut()))
        .append(
            String.format(
                Locale.ROOT,
                " (%,d examples), with intervals of 95 %%: Wilson's for shares of examples, else by"
                    + " the bootstrap over examples.\n\n",
                evaluation.examples()))
        .append("| figure | value | 95 % interval |\n|---|---:|---:|\n");
    for (MetricRow metric : overall(evaluation)) {
      String value =
          metric.measured() instanceof Measured.Undefined(String why)
              ? "undefined: " + why
              : MetricLabels.value(metric.value());
      out.append(row(MetricLabels.of(metric.name()), value, span(metric.interval())));
    }
    if (!evaluation.yardsticks().isEmpty()) {
      out.append("\nBeside it, on the same examples:\n\n| yardstick | ")
          .append(MetricLabels.of(evaluation.deciding().name()))
          .append(" | 95 % interval | saw | source |\n|---|---:|---:|---|---|\n");
      for (Beside beside : evaluation.yardsticks()) {
        out.append(
            row(
                beside.name(),
                MetricLabels.value(beside.value()),
                span(beside.interval()),
                beside.saw(),
                beside.source()));
      }
    }
    evaluation.notes().forEach(note -> out.append("\n").append(line(note)).append('\n'));
  }

  private static String span(@Nullable Interval interval) {
    return interval == null ? "–" : QualitySection.between(interval);
  }

  private static void folds(StringBuilder out, CrossValidation folds) {
    out.append("\n## Over ")
        .append(folds.folds().size())
        .append(" folds\n\nEach was held out once; the folds are ")
        .append(line(folds.kind()))
        .append(
            ".\n\n| figure | mean | standard deviation | least | most |\n|---|---:|---:|---:|---:|\n");
    for (CrossValidation.Summary summary : folds.summaries()) {
      out.append(
          row(
              MetricLabels.of(summary.metric()),
              MetricLabels.value(summary.mean()),
              MetricLabels.value(summary.deviation()),
              MetricLabels.value(summary.least()),
              MetricLabels.value(summary.most())));
    }
  }

  private static void group(StringBuilder out, Fairness fairness) {
    out.append("\n## By ")
        .append(line(fairness.by()))
        .append("\n\nSelected means ")
        .append(line(fairness.selected()))
        .append(
            ".\n\n| group | examples | selected | true positive rate | false positive rate |\n"
                + "|---|---:|---:|---:|---:|\n");
    for (Fairness.Group group : fairness.groups()) {
      out.append(
          row(
              group.name(),
              Figures.count(group.examples()),
              rate(group.selectionRate()),
              rate(group.truePositiveRate()),
              rate(group.falsePositiveRate())));
    }
  }

  private static String rate(@Nullable Interval interval) {
    return interval == null
        ? "–"
        : Figures.percent(interval.estimate())
            + " ("
            + Figures.percent(interval.low())
            + " to "
            + Figures.percent(interval.high())
            + ")";
  }
}
