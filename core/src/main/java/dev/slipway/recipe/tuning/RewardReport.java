package dev.slipway.recipe.tuning;

import dev.slipway.base.AtomicFiles;
import dev.slipway.eval.metric.Better;
import dev.slipway.eval.metric.Interval;
import dev.slipway.eval.metric.Measured;
import dev.slipway.eval.metric.MetricRow;
import dev.slipway.eval.report.ReportData.Fact;
import dev.slipway.eval.report.ReportData.LedgerRow;
import dev.slipway.eval.report.ReportData.Tile;
import dev.slipway.eval.report.TaskCard;
import dev.slipway.eval.report.TaskEvaluation;
import dev.slipway.eval.report.TaskPage;
import dev.slipway.eval.report.TaskReport;
import dev.slipway.eval.report.TaskSection;
import dev.slipway.eval.report.TaskVerdict;
import dev.slipway.model.decoder.ScoringConfig;
import dev.slipway.plan.Actual;
import dev.slipway.recipe.Recipe;
import dev.slipway.recipe.RecipeDocument;
import dev.slipway.recipe.run.ForecastRows;
import dev.slipway.recipe.run.Phases;
import dev.slipway.recipe.run.ReportStage;
import dev.slipway.recipe.run.RunPaths;
import dev.slipway.recipe.run.RunPictures;
import dev.slipway.recipe.run.SourceText;
import dev.slipway.recipe.run.TrainingCurves;
import dev.slipway.recipe.run.Versions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What the training of a reward model tells afterwards: {@code report.html} and the model card. */
record RewardReport(TuningOutcome outcome, RewardEvaluation judged, TuningPlan plan) {
  private TaskEvaluation evaluation() {
    List<MetricRow> rows = new ArrayList<>();
    judged
        .figures()
        .forEach(
            (name, interval) ->
                rows.add(
                    MetricRow.of(
                            name,
                            name.equals("loss") || name.equals("reward-rejected")
                                ? Better.LOWER
                                : Better.HIGHER,
                            Measured.of(interval.estimate()))
                        .withInterval(interval)));
    return new TaskEvaluation(
        outcome.heldOut(),
        judged.pairs(),
        rows,
        List.of(
            new TaskEvaluation.Beside("a coin", 0.5, null, Double.NaN, "nothing", "chance"),
            new TaskEvaluation.Beside(
                "the longer answer",
                judged.longer().estimate(),
                judged.longer(),
                Double.NaN,
                "the answers' numbers of tokens",
                "as rewards often do, Singhal et al. 2023")),
        List.of(),
        "pairs");
  }

  void write(RunPaths paths, Phases phases, TrainingCurves curves, Actual actual) {
    Recipe recipe = outcome.recipe();
    TaskReport report =
        new TaskReport(
            recipe.name(),
            String.format(
                Locale.ROOT,
                "%s made a reward model on %s: tuned %s",
                outcome.base().name(),
                SourceText.name(recipe.data().source()),
                TuningReport.method(recipe.tune())),
            TaskVerdict.of(evaluation()),
            tiles(curves, actual),
            sections(curves, actual),
            RecipeDocument.write(recipe),
            TuningReport.facts(outcome, List.of()),
            TuningReport.machine(plan.machine()),
            Versions.facts());
    AtomicFiles.write(paths.report(), TaskPage.render(report));
    RunPictures.write(paths, phases, report::pictures);
  }

  private List<Tile> tiles(TrainingCurves curves, Actual actual) {
    Interval accuracy = judged.figures().firstEntry().getValue();
    return List.of(
        new Tile(
            "liked answer ahead",
            String.format(Locale.ROOT, "%.1f %%", 100 * accuracy.estimate()),
            String.format(
                Locale.ROOT,
                "95 %%: %.1f to %.1f, of %,d held-out pairs",
                100 * accuracy.low(),
                100 * accuracy.high(),
                judged.pairs())),
        new Tile(
            "the longer answer",
            String.format(Locale.ROOT, "%.1f %%", 100 * judged.longer().estimate()),
            "is the liked one"),
        new Tile(
            "trained parameters",
            String.format(Locale.ROOT, "%.2f M", outcome.trained() / 1e6),
            String.format(
                Locale.ROOT,
                "%.2f %% of %.1f M",
                100.0 * outcome.trained() / outcome.parameters(),
                outcome.parameters() / 1e6)),
        new Tile(
            "peak memory",
            String.format(Locale.ROOT, "%.2f GB", actual.peakMemory() / 1e9),
            "of the whole process"),
        new Tile(
            "speed",
            String.format(Locale.ROOT, "%,.1f", curves.tokensPerSecond()),
            "pairs a second"));
  }

  private List<TaskSection> sections(TrainingCurves curves, Actual actual) {
    List<TaskSection> sections = new ArrayList<>();
    sections.add(new TaskSection.Quality(evaluation()));
    sections.add(new TaskSection.Learning(curves.curves("pair", "of a pair"), List.of()));
    if (!judged.worst().isEmpty()) {
      sections.add(
          new TaskSection.Examples(
              "worst",
              "What it gets most wrong",
              "Held-out pairs whose disliked answer has the higher reward, the furthest first.",
              judged.worst().stream().map(RewardReport::shown).toList()));
    }
    sections.add(ledger());
    sections.add(
        new TaskSection.Forecasts(ForecastRows.of(plan.forecast().compare(actual, "pair"))));
    return sections;
  }

  private static TaskSection.Shown shown(RewardEvaluation.Pair pair) {
    return new TaskSection.Shown(
        pair.record(),
        new TaskSection.Input.Text(pair.prompt()),
        String.format(Locale.ROOT, "liked: %s (reward %.3f)", pair.chosen(), pair.chosenReward()),
        String.format(
            Locale.ROOT, "prefers: %s (reward %.3f)", pair.rejected(), pair.rejectedReward()),
        false,
        "");
  }

  private TaskSection ledger() {
    var ledger = ReportStage.ledger(outcome.ledger());
    List<List<String>> rows = new ArrayList<>();
    for (LedgerRow row : ledger.rows()) {
      rows.add(
          List.of(
              row.reason().isEmpty() ? row.outcome() : row.outcome() + ": " + row.reason(),
              String.format(Locale.ROOT, "%,d", row.records()),
              String.format(Locale.ROOT, "%,d", row.bytes())));
    }
    return new TaskSection.Table(
        "ledger",
        "What became of each record",
        String.format(
            Locale.ROOT,
            "All %,d records of the source are in exactly one row of ledger.parquet.",
            outcome.ledger().records()),
        List.of("outcome", "records", "bytes"),
        rows);
  }

  /** The model folder's {@code README.md}. */
  String card() {
    Recipe recipe = outcome.recipe();
    return new TaskCard(
            recipe.name(),
            "rewards of answers",
            "text-classification",
            ScoringConfig.architecture(outcome.base().config()),
            null,
            List.of("slipway", "reward-model"),
            SourceText.name(recipe.data().source()),
            List.of(
                "Base model: "
                    + outcome.base().name()
                    + ", tuned "
                    + TuningReport.method(recipe.tune())
                    + ".",
                "Source: " + SourceText.of(recipe.data().source()) + "."),
            List.of(new Fact("messages", "a conversation that ends with the assistant's answer")),
            List.of("A reward: a number, the higher the better people like the answer."),
            evaluation(),
            null,
            List.of(),
            List.of(
                "Rewards of answers to different prompts can't be compared.",
                "It knows what its pairs show, and likes what looks like that: length, tone and form count, truth it can't tell.",
                "It was tuned on sequences of " + outcome.base().context() + " tokens."),
            TuningReport.facts(outcome, TuningReport.machine(plan.machine())),
            RecipeDocument.write(recipe),
            "")
        .markdown();
  }
}
