package dev.slipway.recipe.run;

import dev.slipway.base.AtomicFiles;
import dev.slipway.base.Json;
import dev.slipway.data.Documents;
import dev.slipway.data.Ledger;
import dev.slipway.data.ShuffledBatches;
import dev.slipway.data.SplitName;
import dev.slipway.data.TokenShards;
import dev.slipway.data.TokenWindows;
import dev.slipway.eval.report.ReportData.Fact;
import dev.slipway.eval.report.ReportData.Sample;
import dev.slipway.model.Execution;
import dev.slipway.model.gpt.GptConfig;
import dev.slipway.nn.ParameterSet;
import dev.slipway.plan.Actual;
import dev.slipway.plan.Forecast;
import dev.slipway.plan.MachineProfile;
import dev.slipway.recipe.EvaluateSettings;
import dev.slipway.recipe.ModelSettings;
import dev.slipway.recipe.Recipe;
import dev.slipway.task.LanguageModelling;
import dev.slipway.tensor.Engine;
import dev.slipway.tokenizer.Tokenizer;
import dev.slipway.train.MemoryAdvice;
import dev.slipway.train.TrainConfig;
import dev.slipway.train.TrainResult;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import tools.jackson.databind.node.ObjectNode;

/** A resolved recipe carried out in a run's folder, from its source to a packaged model. */
public final class Pipeline {
  private final Planned planned;
  private final Recipe recipe;
  private final RunPaths paths;
  private final Phases phases;
  private final BooleanSupplier stop;
  private final MemoryAdvice memoryAdvice;

  /**
   * @param planned the recipe with nothing left {@code auto}, and its forecast
   * @param stop asked between steps of training, from Ctrl-C
   * @param memoryAdvice asked when memory runs out
   */
  public Pipeline(
      Planned planned,
      RunPaths paths,
      RunListener listener,
      BooleanSupplier stop,
      MemoryAdvice memoryAdvice) {
    this.planned = planned;
    this.recipe = planned.recipe();
    this.paths = paths;
    this.phases = new Phases(paths.phases(), listener);
    this.stop = stop;
    this.memoryAdvice = memoryAdvice;
  }

  /**
   * Carries it out, or what of it is not done yet.
   *
   * @throws dev.slipway.base.SlipwayException for every problem that a person can mend, and {@code
   *     run.interrupted} when it was asked to stop
   */
  public RunOutcome run() {
    int threads = recipe.train().threads().value();
    ModelSettings.Gpt gpt = RunConfigs.gpt(recipe);
    DataStage data = new DataStage(paths, recipe.seed(), threads, phases);
    try (Documents documents = data.documents(recipe.data().config())) {
      Tokenizer tokenizer =
          data.tokenizer(documents, RunConfigs.tokenizer(recipe.tokenizer()), gpt.context());
      try (TokenShards shards = data.tokens(documents, tokenizer)) {
        return learn(documents, tokenizer, shards, gpt);
      }
    }
  }

  private RunOutcome learn(
      Documents documents, Tokenizer tokenizer, TokenShards shards, ModelSettings.Gpt gpt) {
    GptConfig config = gpt.config(tokenizer.vocabularySize());
    TrainConfig train = RunConfigs.train(recipe);
    ShuffledBatches batches =
        new ShuffledBatches(
            new TokenWindows(shards.shard(SplitName.TRAIN), gpt.context()),
            recipe.seed(),
            train.rows());
    try (ParameterSet parameters = ParameterSet.allocate(config.parameters());
        Execution execution =
            Networks.execution(
                recipe.train().execution().value(),
                config,
                parameters,
                train.precision(),
                recipe.train().activationCheckpointing().value())) {
      parameters.initialise(recipe.seed());
      execution.parametersChanged();
      LanguageModelling objective =
          new LanguageModelling(
              parameters,
              execution,
              batches,
              new TokenWindows(shards.shard(SplitName.VALIDATION), gpt.context()),
              train.rows());
      TrainResult result =
          new TrainStage(paths, phases, "tokens").run(train, objective, stop, memoryAdvice);
      execution.parametersChanged();

      long microBatches = result.step() * train.accumulate();
      Ledger ledger = documents.ledger().tokenised(shards).trained(batches, microBatches);
      ledger.check(shards, batches, microBatches);
      ledger.write(paths.ledger());

      Evaluation evaluation =
          new EvaluateStage(paths, recipe.seed(), phases)
              .run(
                  execution,
                  shards,
                  documents,
                  gpt.context(),
                  train.rows(),
                  recipe.evaluation(EvaluateSettings.Yardsticks.class).isPresent(),
                  recipe.budget().time());
      RunOutcome outcome =
          new RunOutcome(
              recipe,
              config,
              tokenizer,
              result,
              evaluation,
              ledger.summary(),
              documents.statistics(),
              batches.epochs(microBatches));
      new PackageStage(paths, phases, machineFacts()).run(outcome, parameters);
      finish(outcome, documents);
      return outcome;
    }
  }

  /**
   * What only a packaged model can tell: its samples, what the run took, and the report of it all.
   */
  private void finish(RunOutcome outcome, Documents documents) {
    if (Files.exists(paths.actual()) && Files.exists(paths.report())) {
      return;
    }
    long start = System.nanoTime();
    List<Sample> samples =
        recipe
            .evaluation(EvaluateSettings.Samples.class)
            .map(settings -> Samples.write(paths.model(), documents, settings, recipe.seed()))
            .orElse(List.of());
    phases.add(Phase.PACKAGE, (System.nanoTime() - start) / 1e9);
    TrainingCurves curves = TrainingCurves.read(paths.events());
    Actual actual = actual(outcome, curves);
    ReportStage.write(
        paths,
        phases,
        outcome,
        curves,
        samples,
        ForecastRows.of(planned.forecast(), actual),
        planned.forecast().bitsPerByte(),
        machineFacts(),
        Versions.facts());
    ObjectNode document = (ObjectNode) Json.tree(actual);
    document.put("status", "finished");
    AtomicFiles.write(paths.actual(), Json.write(document));
  }

  private Actual actual(RunOutcome outcome, TrainingCurves curves) {
    Forecast.Stages seconds =
        new Forecast.Stages(
            phases.seconds(Phase.DATA) + phases.seconds(Phase.TOKENS),
            phases.seconds(Phase.TOKENIZER),
            Math.max(curves.seconds(), phases.seconds(Phase.TRAIN)),
            phases.seconds(Phase.EVALUATE),
            phases.seconds(Phase.PACKAGE));
    double hours = seconds.total() / 3600;
    return new Actual(
        outcome.config().parameterCount(),
        outcome.training().step(),
        outcome.training().totalTargets(),
        curves.tokensPerSecond(),
        seconds,
        Engine.peakResidentBytes(),
        planned.forecast().watts() * hours,
        recipe.budget().pricePerHour() * hours,
        outcome.evaluation().metrics().bitsPerByte().estimate());
  }

  private List<Fact> machineFacts() {
    MachineProfile machine = planned.machine();
    return List.of(
        new Fact("processor", machine.processor()),
        new Fact("cores", Integer.toString(machine.cores())),
        new Fact(
            "memory",
            String.format(
                Locale.ROOT, "%.1f GB (%s)", machine.memory() / 1e9, machine.memorySource())),
        new Fact(
            "matrix products",
            String.format(
                Locale.ROOT,
                "%,.0f GFLOP/s bf16, %,.0f GFLOP/s fp32",
                machine.bf16Gflops(),
                machine.fp32Gflops())),
        new Fact(
            "memory bandwidth",
            String.format(Locale.ROOT, "%.1f GB/s", machine.bandwidth() / 1e9)));
  }
}
