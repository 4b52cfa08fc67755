package dev.slipway.recipe.tuning;

import dev.slipway.base.AtomicFiles;
import dev.slipway.eval.compare.Retention;
import dev.slipway.eval.metric.Interval;
import dev.slipway.eval.report.ModelCard;
import dev.slipway.eval.report.ReportData;
import dev.slipway.eval.report.ReportData.Fact;
import dev.slipway.eval.report.ReportData.Sample;
import dev.slipway.eval.report.ReportData.Tile;
import dev.slipway.eval.report.ReportData.Way;
import dev.slipway.eval.report.ReportPage;
import dev.slipway.eval.report.Verdict;
import dev.slipway.eval.yardstick.Yardstick;
import dev.slipway.model.decoder.DecoderShape;
import dev.slipway.plan.Actual;
import dev.slipway.plan.MachineProfile;
import dev.slipway.recipe.RecipeDocument;
import dev.slipway.recipe.run.Evaluation;
import dev.slipway.recipe.run.ForecastRows;
import dev.slipway.recipe.run.Phases;
import dev.slipway.recipe.run.ReportStage;
import dev.slipway.recipe.run.RunPaths;
import dev.slipway.recipe.run.RunPictures;
import dev.slipway.recipe.run.SampleTexts;
import dev.slipway.recipe.run.SourceText;
import dev.slipway.recipe.run.TrainingCurves;
import dev.slipway.recipe.run.Versions;
import dev.slipway.tune.TuningMethod;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a tuning tells afterwards: {@code report.html} and the model card. */
final class TuningReport {
  private TuningReport() {}

  static void write(
      RunPaths paths,
      Phases phases,
      TuningOutcome outcome,
      Evaluation judged,
      TuningPlan plan,
      String counted,
      TrainingCurves curves,
      List<Sample> samples,
      Actual actual) {
    ReportData.Evaluation evaluation =
        evaluation(outcome, judged, OtherWays.with(paths, outcome.recipe(), way(outcome, actual)));
    ReportData data =
        new ReportData(
            outcome.recipe().name(),
            String.format(
                Locale.ROOT,
                "%s tuned on %s: %s",
                outcome.base().name(),
                SourceText.name(outcome.recipe().data().source()),
                method(outcome.recipe().tune())),
            Verdict.of(evaluation),
            tiles(outcome, judged, counted, curves, actual),
            curves.curves(counted, "nats a " + counted),
            evaluation,
            samples,
            ReportStage.ledger(outcome.ledger()),
            ForecastRows.of(plan.forecast().compare(actual, counted)),
            RecipeDocument.write(outcome.recipe()),
            facts(outcome, List.of()),
            machine(plan.machine()),
            Versions.facts());
    AtomicFiles.write(paths.report(), ReportPage.render(data));
    RunPictures.write(paths, phases, data::pictures);
  }

  private static List<Tile> tiles(
      TuningOutcome outcome,
      Evaluation judged,
      String counted,
      TrainingCurves curves,
      Actual actual) {
    var metrics = judged.metrics();
    List<Tile> tiles = new ArrayList<>();
    tiles.add(
        new Tile(
            "bits per byte",
            String.format(Locale.ROOT, "%.3f", metrics.bitsPerByte().estimate()),
            before(judged)
                .map(y -> String.format(Locale.ROOT, "%.3f before tuning", y.bitsPerByte()))
                .orElse("on held-out text")));
    tiles.add(
        new Tile(
            "next token right",
            String.format(Locale.ROOT, "%.1f %%", 100 * metrics.accuracy().estimate()),
            "on held-out text"));
    Interval accuracy = judged.figures().get("rewards/accuracies");
    Interval margin = judged.figures().get("rewards/margins");
    if (accuracy != null) {
      tiles.add(
          new Tile(
              "liked answer ahead",
              String.format(Locale.ROOT, "%.1f %%", 100 * accuracy.estimate()),
              String.format(
                  Locale.ROOT,
                  "of held-out pairs (95 %%: %.1f to %.1f)%s",
                  100 * accuracy.low(),
                  100 * accuracy.high(),
                  margin == null
                      ? ""
                      : String.format(
                          Locale.ROOT,
                          ", by %.3f (%.3f to %.3f)",
                          margin.estimate(),
                          margin.low(),
                          margin.high()))));
    }
    for (Retention retention : judged.retention()) {
      tiles.add(
          new Tile(
              "forgetting",
              String.format(Locale.ROOT, "%+.3f", retention.difference().estimate()),
              String.format(
                  Locale.ROOT,
                  "%s of %s: %.3f before, %.3f after",
                  retention.metric(),
                  retention.what(),
                  retention.before(),
                  retention.after())));
    }
    tiles.add(
        new Tile(
            "trained parameters",
            String.format(Locale.ROOT, "%.2f M", outcome.trained() / 1e6),
            String.format(
                Locale.ROOT,
                "%.2f %% of %.1f M",
                100.0 * outcome.trained() / outcome.parameters(),
                outcome.parameters() / 1e6)));
    tiles.add(
        new Tile(
            "peak memory",
            String.format(Locale.ROOT, "%.2f GB", actual.peakMemory() / 1e9),
            "of the whole process"));
    tiles.add(
        new Tile(
            "speed",
            String.format(Locale.ROOT, "%,.0f", curves.tokensPerSecond()),
            counted + "s a second"));
    return tiles;
  }

  private static Optional<Yardstick> before(Evaluation judged) {
    return judged.yardsticks().stream()
        .filter(y -> y.name().equals(BeforeAndAfter.BEFORE))
        .findFirst();
  }

  private static ReportData.Evaluation evaluation(
      TuningOutcome outcome, Evaluation judged, List<Way> ways) {
    return new ReportData.Evaluation(
        judged.metrics(), judged.yardsticks(), null, outcome.heldOut(), judged.retention(), ways);
  }

  private static Way way(TuningOutcome outcome, Actual actual) {
    List<Retention> retention = outcome.judgement().retention();
    return new Way(
        outcome.recipe().name(),
        method(outcome.recipe().tune()),
        outcome.trained(),
        actual.seconds().train(),
        actual.peakMemory(),
        actual.bitsPerByte(),
        retention.isEmpty() ? null : retention.getFirst().difference().estimate(),
        true);
  }

  /** A way of tuning in a few words. */
  static String method(TuningMethod method) {
    return switch (method) {
      case TuningMethod.Full full ->
          full.freeze().isEmpty() ? "in full" : "in full but for what is frozen";
      case TuningMethod.Lora lora ->
          (lora.decomposed() ? "DoRA" : lora.rankStabilised() ? "rank-stabilised LoRA" : "LoRA")
              + " of rank "
              + lora.rank();
      case TuningMethod.Qlora qlora -> "LoRA of rank " + qlora.rank() + " over NF4";
      case TuningMethod.Adalora adalora -> "AdaLoRA of rank " + adalora.targetRank();
      case TuningMethod.Houlsby houlsby -> "Houlsby's adapters of " + houlsby.size();
      case TuningMethod.Pfeiffer pfeiffer -> "Pfeiffer's adapters of " + pfeiffer.size();
      case TuningMethod.Ia3 _ -> "(IA)3";
      case TuningMethod.Bitfit _ -> "biases alone";
      case TuningMethod.Prompt prompt -> "a prompt of " + prompt.virtualTokens() + " embeddings";
      case TuningMethod.Prefix prefix ->
          "a prefix of " + prefix.virtualTokens() + " keys and values a block";
    };
  }

  static List<Fact> facts(TuningOutcome outcome, List<Fact> more) {
    DecoderShape shape = outcome.base().config().shape();
    List<Fact> facts = new ArrayList<>();
    facts.add(new Fact("base model", outcome.base().name()));
    facts.add(new Fact("architecture", outcome.base().config().architecture()));
    facts.add(new Fact("tuning", method(outcome.recipe().tune())));
    facts.add(new Fact("parameters", String.format(Locale.ROOT, "%,d", outcome.parameters())));
    facts.add(new Fact("trained", String.format(Locale.ROOT, "%,d", outcome.trained())));
    facts.add(
        new Fact(
            "size",
            shape.layers()
                + " layers, hidden "
                + shape.hiddenSize()
                + ", "
                + shape.heads()
                + " heads"));
    facts.add(new Fact("sequence", outcome.base().context() + " tokens"));
    facts.add(new Fact("tokenizer", "SHA-256 " + outcome.base().tokenizer().fingerprint()));
    facts.add(new Fact("steps", String.format(Locale.ROOT, "%,d", outcome.training().step())));
    facts.add(
        new Fact(
            "learnt from", String.format(Locale.ROOT, "%,d", outcome.training().totalTargets())));
    facts.add(new Fact("epochs", String.format(Locale.ROOT, "%.2f", outcome.epochs())));
    facts.addAll(outcome.facts());
    outcome
        .judgement()
        .figures()
        .forEach(
            (name, value) ->
                facts.add(
                    new Fact(
                        name + " on the test split",
                        String.format(
                            Locale.ROOT,
                            "%.4f (%.4f to %.4f)",
                            value.estimate(),
                            value.low(),
                            value.high()))));
    facts.addAll(more);
    return facts;
  }

  static List<Fact> machine(MachineProfile machine) {
    return List.of(
        new Fact("processor", machine.processor()),
        new Fact("cores", Integer.toString(machine.cores())),
        new Fact(
            "memory",
            String.format(
                Locale.ROOT, "%.1f GB (%s)", machine.memory() / 1e9, machine.memorySource())));
  }

  static ModelCard card(TuningOutcome outcome, Evaluation judged, MachineProfile machine) {
    List<String> data = new ArrayList<>();
    data.add(
        "Base model: "
            + outcome.base().name()
            + ", tuned "
            + method(outcome.recipe().tune())
            + ".");
    data.add("Source: " + SourceText.of(outcome.recipe().data().source()) + ".");
    return new ModelCard(
        outcome.recipe().name(),
        outcome.base().config().architecture(),
        null,
        List.of("slipway", "causal-lm"),
        SourceText.name(outcome.recipe().data().source()),
        data,
        evaluation(outcome, judged, List.of()),
        List.of(
            "It keeps the limits of its base model, and may have forgotten some of what that knew.",
            "It was tuned on sequences of " + outcome.base().context() + " tokens."),
        facts(outcome, machine(machine)),
        List.of(),
        RecipeDocument.write(outcome.recipe()),
        SampleTexts.example(outcome.recipe().data().source()));
  }
}
