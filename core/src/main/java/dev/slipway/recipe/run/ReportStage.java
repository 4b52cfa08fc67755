package dev.slipway.recipe.run;

import dev.slipway.base.AtomicFiles;
import dev.slipway.data.Ledger;
import dev.slipway.eval.report.ReportData;
import dev.slipway.eval.report.ReportData.Fact;
import dev.slipway.eval.report.ReportData.Forecast;
import dev.slipway.eval.report.ReportData.LedgerRow;
import dev.slipway.eval.report.ReportData.Sample;
import dev.slipway.eval.report.ReportData.Tile;
import dev.slipway.eval.report.ReportPage;
import dev.slipway.eval.report.Verdict;
import dev.slipway.model.gpt.GptConfig;
import dev.slipway.recipe.RecipeDocument;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Writes the run's {@code report.html}. */
public final class ReportStage {
  private ReportStage() {}

  static void write(
      RunPaths paths,
      Phases phases,
      RunOutcome outcome,
      TrainingCurves curves,
      List<Sample> samples,
      List<Forecast> forecasts,
      @Nullable Double forecastBitsPerByte,
      List<Fact> machine,
      List<Fact> versions) {
    ReportData.Evaluation evaluation = evaluation(outcome, forecastBitsPerByte);
    var metrics = outcome.evaluation().metrics();
    ReportData data =
        new ReportData(
            outcome.recipe().name(),
            String.format(
                Locale.ROOT,
                "%.1f M parameters trained on %s",
                outcome.config().parameterCount() / 1e6,
                SourceText.name(outcome.recipe().data().source())),
            Verdict.of(evaluation),
            List.of(
                new Tile(
                    "bits per byte",
                    String.format(Locale.ROOT, "%.3f", metrics.bitsPerByte().estimate()),
                    String.format(
                        Locale.ROOT,
                        "95 %%: %.3f to %.3f",
                        metrics.bitsPerByte().low(),
                        metrics.bitsPerByte().high())),
                new Tile(
                    "next token right",
                    String.format(Locale.ROOT, "%.1f %%", 100 * metrics.accuracy().estimate()),
                    "on held-out documents"),
                new Tile(
                    "parameters",
                    String.format(Locale.ROOT, "%.2f M", outcome.config().parameterCount() / 1e6),
                    PackageStage.architecture(outcome.config())),
                new Tile(
                    "tokens",
                    String.format(Locale.ROOT, "%.1f M", outcome.training().totalTargets() / 1e6),
                    String.format(Locale.ROOT, "%.2f epochs", outcome.epochs())),
                new Tile(
                    "speed",
                    String.format(Locale.ROOT, "%,.0f", curves.tokensPerSecond()),
                    "tokens a second")),
            curves.curves("token", "nats a token"),
            evaluation,
            samples,
            ledger(outcome.ledger()),
            forecasts,
            RecipeDocument.write(outcome.recipe()),
            modelFacts(outcome, List.of()),
            machine,
            versions);
    AtomicFiles.write(paths.report(), ReportPage.render(data));
    RunPictures.write(paths, phases, data::pictures);
  }

  static ReportData.Evaluation evaluation(RunOutcome outcome, @Nullable Double forecast) {
    return new ReportData.Evaluation(
        outcome.evaluation().metrics(),
        outcome.evaluation().yardsticks(),
        forecast,
        String.format(
            Locale.ROOT,
            "%,d documents that a hash of their content held out, in windows of %d tokens",
            outcome.evaluation().metrics().documents(),
            outcome.config().context()));
  }

  static List<Fact> modelFacts(RunOutcome outcome, List<Fact> more) {
    GptConfig config = outcome.config();
    List<Fact> facts = new ArrayList<>();
    facts.add(new Fact("architecture", PackageStage.architecture(config)));
    facts.add(new Fact("parameters", String.format(Locale.ROOT, "%,d", config.parameterCount())));
    facts.add(
        new Fact(
            "size",
            config.layers()
                + " layers, hidden "
                + config.hiddenSize()
                + ", "
                + config.heads()
                + " heads, feed-forward "
                + config.intermediateSize()));
    facts.add(new Fact("context", config.context() + " tokens"));
    facts.add(new Fact("vocabulary", String.format(Locale.ROOT, "%,d", config.vocabularySize())));
    facts.add(new Fact("tokenizer", "SHA-256 " + outcome.tokenizer().fingerprint()));
    facts.add(new Fact("steps", String.format(Locale.ROOT, "%,d", outcome.training().step())));
    facts.add(
        new Fact("tokens", String.format(Locale.ROOT, "%,d", outcome.training().totalTargets())));
    facts.add(new Fact("epochs", String.format(Locale.ROOT, "%.2f", outcome.epochs())));
    facts.addAll(more);
    return facts;
  }

  public static ReportData.Ledger ledger(Ledger.Summary summary) {
    List<LedgerRow> rows = new ArrayList<>();
    summary
        .outcomes()
        .forEach(
            (outcome, sum) -> {
              if (!outcome.equals("dropped")) {
                rows.add(new LedgerRow(outcome, "", sum.records(), sum.bytesIn(), sum.tokens()));
              }
            });
    summary
        .reasons()
        .forEach(
            (reason, sum) ->
                rows.add(
                    new LedgerRow("dropped", reason, sum.records(), sum.bytesIn(), sum.tokens())));
    return new ReportData.Ledger(rows, summary.records(), summary.bytes());
  }
}
