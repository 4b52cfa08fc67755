package dev.slipway.recipe.tuning;

import dev.slipway.base.AtomicFiles;
import dev.slipway.base.Json;
import dev.slipway.data.Ledger;
import dev.slipway.eval.compare.Retention;
import dev.slipway.eval.report.ReportData.Sample;
import dev.slipway.infer.LanguageModel;
import dev.slipway.infer.NetworkDecoder;
import dev.slipway.model.decoder.ScoringConfig;
import dev.slipway.plan.Actual;
import dev.slipway.plan.Forecast;
import dev.slipway.recipe.Recipe;
import dev.slipway.recipe.run.Evaluation;
import dev.slipway.recipe.run.Phase;
import dev.slipway.recipe.run.Phases;
import dev.slipway.recipe.run.RunConfigs;
import dev.slipway.recipe.run.RunEvent;
import dev.slipway.recipe.run.RunListener;
import dev.slipway.recipe.run.RunPaths;
import dev.slipway.recipe.run.TrainStage;
import dev.slipway.recipe.run.TrainingCurves;
import dev.slipway.task.Objective;
import dev.slipway.tensor.Engine;
import dev.slipway.train.MemoryAdvice;
import dev.slipway.train.TrainConfig;
import dev.slipway.train.TrainResult;
import dev.slipway.tune.TunedDecoder;
import dev.slipway.tune.TunedFolder;
import dev.slipway.tune.TunedObjective;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import tools.jackson.databind.node.ObjectNode;

/** A resolved recipe that tunes a published model, carried out in a run's folder. */
public final class TuningPipeline {
  private final TuningPlan plan;
  private final Recipe recipe;
  private final BaseModel base;
  private final TuningTask task;
  private final RunPaths paths;
  private final Phases phases;
  private final BooleanSupplier stop;
  private final MemoryAdvice advice;

  /**
   * @param plan the recipe with nothing left {@code auto}, and its forecast
   * @param stop asked between steps of training, from Ctrl-C
   * @param advice asked when memory runs out
   */
  public TuningPipeline(
      TuningPlan plan,
      BaseModel base,
      TuningTask task,
      RunPaths paths,
      RunListener listener,
      BooleanSupplier stop,
      MemoryAdvice advice) {
    this.plan = plan;
    this.recipe = plan.recipe();
    this.base = base;
    this.task = task;
    this.paths = paths;
    this.phases = new Phases(paths.phases(), listener);
    this.stop = stop;
    this.advice = advice;
  }

  /**
   * Carries it out, or what of it is not done yet.
   *
   * @throws dev.slipway.base.SlipwayException for every problem that a person can mend, and {@code
   *     run.interrupted} when it was asked to stop
   */
  public TuningOutcome run() {
    int threads = recipe.train().threads().value();
    try (TuningTask.Prepared data = task.prepare(base, paths, phases, threads)) {
      TuningOutcome outcome = learn(data);
      finish(outcome, data);
      return outcome;
    }
  }

  private TuningOutcome learn(TuningTask.Prepared data) {
    TrainConfig train = RunConfigs.train(recipe);
    TunedDecoder.Way way =
        new TunedDecoder.Way(train.precision(), recipe.train().activationCheckpointing().value());
    try (TunedDecoder model =
        scoring()
            ? TunedDecoder.scoring(base.folder(), recipe.tune(), way, recipe.seed())
            : TunedDecoder.open(base.folder(), recipe.tune(), way, recipe.seed())) {
      TrainResult result;
      try (Objective objective =
          new TunedObjective(
              data.objective(model, train.rows()), model, () -> data.check(train.rows()))) {
        result =
            new TrainStage(paths, phases, task.counted() + "s").run(train, objective, stop, advice);
      }
      if (model.adapter() != null) {
        model.adapter().finish();
      }
      model.parametersChanged();
      long microBatches = result.step() * train.accumulate();
      Ledger ledger = data.ledger(microBatches, train.rows());
      ledger.write(paths.ledger());
      Judgement judgement = data.evaluate(model, train.rows());
      TuningOutcome outcome =
          new TuningOutcome(
              recipe,
              base,
              plan.forecast().parameters(),
              model.parameters().numel(),
              result,
              judgement,
              ledger.summary(),
              data.epochs(microBatches, train.rows()),
              data.heldOut(),
              data.facts());
      write(model, outcome, data.files());
      return outcome;
    }
  }

  /** Whether the model has a score in the place of its head. */
  private boolean scoring() {
    return task.network(base) instanceof ScoringConfig;
  }

  private void write(TunedDecoder model, TuningOutcome outcome, Map<String, String> more) {
    boolean adapter = model.adapter() != null;
    phases.run(
        Phase.PACKAGE,
        Files.exists(paths.model().resolve(adapter ? "adapter_config.json" : "config.json")),
        there -> {
          if (!there) {
            Map<String, String> files = new TreeMap<>(more);
            files.put("evaluation.json", Json.write(outcome.judgement().document()));
            files.put("README.md", card(outcome));
            TunedFolder.write(paths.model(), model, base.folder(), baseName(base), files);
          }
          return paths.model();
        },
        folder ->
            adapter
                ? String.format(
                    Locale.ROOT, "adapter for %s in PEFT's format, %s", base.name(), folder)
                : "Hugging Face folder " + folder);
  }

  private String card(TuningOutcome outcome) {
    return switch (outcome.judgement()) {
      case Judgement.OfText(Evaluation evaluation) ->
          TuningReport.card(outcome, evaluation, plan.machine()).markdown();
      case Judgement.OfRewards(RewardEvaluation evaluation) ->
          new RewardReport(outcome, evaluation, plan).card();
    };
  }

  /** What PEFT finds the base model by: the hub's name, or the folder's whole path. */
  private static String baseName(BaseModel base) {
    return Files.exists(Path.of(base.name()))
        ? base.folder().toAbsolutePath().normalize().toString()
        : base.name().replaceFirst("@.*", "");
  }

  /** What only a packaged model can tell: its samples, what the run took, and the report. */
  private void finish(TuningOutcome outcome, TuningTask.Prepared data) {
    if (Files.exists(paths.actual()) && Files.exists(paths.report())) {
      return;
    }
    TrainingCurves curves = TrainingCurves.read(paths.events());
    Actual actual;
    switch (outcome.judgement()) {
      case Judgement.OfText(Evaluation evaluation) -> {
        List<Sample> samples = samples(outcome, data);
        actual = actual(outcome, curves, evaluation.metrics().bitsPerByte().estimate());
        TuningReport.write(
            paths, phases, outcome, evaluation, plan, task.counted(), curves, samples, actual);
      }
      case Judgement.OfRewards(RewardEvaluation evaluation) -> {
        actual = actual(outcome, curves, Double.NaN);
        new RewardReport(outcome, evaluation, plan).write(paths, phases, curves, actual);
      }
    }
    ObjectNode document = (ObjectNode) Json.tree(actual);
    if (Double.isNaN(actual.bitsPerByte())) {
      document.remove("bitsPerByte"); // it writes no text
    }
    document.put("status", "finished");
    // What runs are compared by beside their cost.
    ObjectNode retention = document.putObject("retention");
    for (Retention one : outcome.judgement().retention()) {
      retention
          .putObject(one.what())
          .put("before", one.before())
          .put("after", one.after())
          .put("difference", one.difference().estimate());
    }
    ObjectNode figures = document.putObject("figures");
    outcome.judgement().figures().forEach((name, value) -> figures.put(name, value.estimate()));
    AtomicFiles.write(paths.actual(), Json.write(document));
  }

  private List<Sample> samples(TuningOutcome outcome, TuningTask.Prepared data) {
    long start = System.nanoTime();
    phases.tell(new RunEvent.PhaseProgress(Phase.PACKAGE, Double.NaN, "samples"));
    try (LanguageModel model = open(outcome)) {
      return data.samples(model);
    } finally {
      phases.add(Phase.PACKAGE, (System.nanoTime() - start) / 1e9);
    }
  }

  /** The packaged model, by the way that its user takes. */
  private LanguageModel open(TuningOutcome outcome) {
    return Files.exists(paths.model().resolve("adapter_config.json"))
        ? LanguageModel.of(
            base.tokenizer(),
            base.ids(),
            () -> {
              TunedDecoder model =
                  TunedDecoder.answering(
                      base.folder(), paths.model(), RunConfigs.precision(outcome.recipe()));
              return new NetworkDecoder(model.network(), model::close);
            })
        : LanguageModel.open(paths.model(), RunConfigs.precision(outcome.recipe()));
  }

  private Actual actual(TuningOutcome outcome, TrainingCurves curves, double bitsPerByte) {
    Forecast.Stages seconds =
        new Forecast.Stages(
            phases.seconds(Phase.DATA) + phases.seconds(Phase.TOKENS),
            0,
            Math.max(curves.seconds(), phases.seconds(Phase.TRAIN)),
            phases.seconds(Phase.EVALUATE),
            phases.seconds(Phase.PACKAGE));
    double hours = seconds.total() / 3600;
    return new Actual(
        outcome.trained(),
        outcome.training().step(),
        outcome.training().totalTargets(),
        curves.tokensPerSecond(),
        seconds,
        Engine.peakResidentBytes(),
        plan.forecast().watts() * hours,
        recipe.budget().pricePerHour() * hours,
        bitsPerByte);
  }
}
