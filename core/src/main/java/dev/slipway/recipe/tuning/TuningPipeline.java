package dev.slipway.recipe.tuning;

import dev.slipway.base.AtomicFiles;
import dev.slipway.base.Json;
import dev.slipway.data.Ledger;
import dev.slipway.eval.compare.Retention;
import dev.slipway.eval.report.ReportData.Sample;
import dev.slipway.infer.LanguageModel;
import dev.slipway.infer.NetworkDecoder;
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
    try (TunedDecoder model = TunedDecoder.open(base.folder(), recipe.tune(), way, recipe.seed())) {
      TrainResult result;
      try (Objective objective = new TunedObjective(data.objective(model, train.rows()), model)) {
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
      Evaluation evaluation = data.evaluate(model, train.rows());
      TuningOutcome outcome =
          new TuningOutcome(
              recipe,
              base,
              plan.forecast().parameters(),
              model.parameters().numel(),
              result,
              evaluation,
              ledger.summary(),
              data.epochs(microBatches, train.rows()),
              data.heldOut(),
              data.facts());
      write(model, outcome, data.files());
      return outcome;
    }
  }

  private void write(TunedDecoder model, TuningOutcome outcome, Map<String, String> more) {
    boolean adapter = model.adapter() != null;
    phases.run(
        Phase.PACKAGE,
        Files.exists(paths.model().resolve(adapter ? "adapter_config.json" : "config.json")),
        there -> {
          if (!there) {
            Map<String, String> files = new TreeMap<>(more);
            files.put("evaluation.json", Json.write(outcome.evaluation()));
            files.put("README.md", TuningReport.card(outcome, plan.machine()).markdown());
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
    long start = System.nanoTime();
    phases.tell(new RunEvent.PhaseProgress(Phase.PACKAGE, Double.NaN, "samples"));
    List<Sample> samples;
    try (LanguageModel model = open(outcome)) {
      samples = data.samples(model);
    }
    phases.add(Phase.PACKAGE, (System.nanoTime() - start) / 1e9);
    TrainingCurves curves = TrainingCurves.read(paths.events());
    Actual actual = actual(outcome, curves);
    TuningReport.write(paths, phases, outcome, plan, task.counted(), curves, samples, actual);
    ObjectNode document = (ObjectNode) Json.tree(actual);
    document.put("status", "finished");
    // What runs are compared by beside their cost.
    ObjectNode retention = document.putObject("retention");
    for (Retention one : outcome.evaluation().retention()) {
      retention
          .putObject(one.what())
          .put("before", one.before())
          .put("after", one.after())
          .put("difference", one.difference().estimate());
    }
    ObjectNode figures = document.putObject("figures");
    outcome.evaluation().figures().forEach((name, value) -> figures.put(name, value.estimate()));
    AtomicFiles.write(paths.actual(), Json.write(document));
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
                      base.folder(), paths.model(), RunConfigs.train(outcome.recipe()).precision());
              return new NetworkDecoder(model.network(), model::close);
            })
        : LanguageModel.open(paths.model(), RunConfigs.train(outcome.recipe()).precision());
  }

  private Actual actual(TuningOutcome outcome, TrainingCurves curves) {
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
        outcome.evaluation().metrics().bitsPerByte().estimate());
  }
}
