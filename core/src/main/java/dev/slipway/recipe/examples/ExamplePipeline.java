package dev.slipway.recipe.examples;

import dev.slipway.base.AtomicFiles;
import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.Ledger;
import dev.slipway.data.SplitName;
import dev.slipway.data.example.ExampleBatches;
import dev.slipway.data.feature.Preprocessor;
import dev.slipway.eval.report.TaskPage;
import dev.slipway.eval.report.TaskReport;
import dev.slipway.model.Network;
import dev.slipway.plan.ExampleActual;
import dev.slipway.plan.Forecast;
import dev.slipway.recipe.Recipe;
import dev.slipway.recipe.run.Phase;
import dev.slipway.recipe.run.Phases;
import dev.slipway.recipe.run.RunEvent;
import dev.slipway.recipe.run.RunListener;
import dev.slipway.recipe.run.RunPaths;
import dev.slipway.recipe.run.RunPictures;
import dev.slipway.recipe.run.TrainStage;
import dev.slipway.recipe.run.TrainingCurves;
import dev.slipway.task.Evaluation;
import dev.slipway.task.ExampleObjective;
import dev.slipway.task.TaskData;
import dev.slipway.task.TaskFolder;
import dev.slipway.tensor.Engine;
import dev.slipway.train.MemoryAdvice;
import dev.slipway.train.TrainConfig;
import dev.slipway.train.TrainResult;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleConsumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A resolved recipe of examples carried out in a run's folder, to a packaged model that answers.
 */
public final class ExamplePipeline {
  private final ExampleRun run;
  private final ExamplePlan plan;
  private final Recipe recipe;
  private final RunPaths paths;
  private final Phases phases;
  private final BooleanSupplier stop;
  private final MemoryAdvice memoryAdvice;

  /**
   * @param run opened with the plan's recipe
   * @param stop asked between steps of training, from Ctrl-C
   * @param memoryAdvice asked when memory runs out
   */
  public ExamplePipeline(
      ExampleRun run,
      ExamplePlan plan,
      RunPaths paths,
      RunListener listener,
      BooleanSupplier stop,
      MemoryAdvice memoryAdvice) {
    this.run = run;
    this.plan = plan;
    this.recipe = plan.recipe();
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
  public ExampleOutcome run() {
    if (phases.seconds(Phase.DATA) == 0) {
      phases.add(Phase.DATA, run.seconds());
    }
    TaskData data = run.data();
    TrainConfig train = ExampleRecipes.train(recipe);
    ExampleBatches training = data.training(train.rows(), recipe.seed());
    @Nullable ExampleBatches validation =
        data.inOrder(SplitName.VALIDATION, train.rows()).orElse(null);
    Network network = run.create();
    try (ExampleObjective objective =
        new ExampleObjective(
            network, data.task(), training, validation, ExampleRecipes.options(recipe, data))) {
      TrainResult result =
          new TrainStage(paths, phases, run.oneTargetEach() ? "examples" : "tokens")
              .run(train, objective, stop, memoryAdvice);
      long microBatches = result.step() * train.accumulate();
      Ledger ledger = data.ledger(training, microBatches);
      ledger.write(paths.ledger());
      ExampleJudgement judgement = judge(network, validation);
      ExampleReport report =
          new ExampleReport(run, plan, paths, result, ledger.summary(), judgement);
      write(network, judgement, report);
      return finish(result, training, judgement, report);
    }
  }

  private ExampleJudgement judge(Network network, @Nullable ExampleBatches validation) {
    TaskData data = run.data();
    // What was learnt from or chosen by cannot judge.
    ExampleBatches judged =
        data.inOrder(SplitName.TEST, recipe.train().batch().value())
            .orElseThrow(
                () ->
                    new SlipwayException(
                        Exit.INPUT,
                        "data.no-test-examples",
                        "no example of the test split can be used, expected at least one",
                        "hold out more by data.split.test, or mend the examples that were left out"));
    return phases.run(
        Phase.EVALUATE,
        false,
        ignored -> {
          @Nullable Evaluation chosen =
              validation == null
                  ? null
                  : Evaluation.of(
                      network,
                      data.task().task(),
                      data.task().criterion(),
                      validation,
                      Long.MAX_VALUE,
                      progress("validation split"));
          Evaluation evaluation =
              Evaluation.of(
                  network,
                  data.finished(),
                  data.task().criterion(),
                  judged,
                  Long.MAX_VALUE,
                  progress("test split"));
          return ExampleJudgement.of(
              recipe, run, chosen, evaluation, phases, paths.root().resolve("folds"));
        },
        ExampleJudgement::verdict);
  }

  private DoubleConsumer progress(String what) {
    return done -> phases.tell(new RunEvent.PhaseProgress(Phase.EVALUATE, done, what));
  }

  private void write(Network network, ExampleJudgement judgement, ExampleReport report) {
    AtomicFiles.write(paths.evaluation(), Json.write(judgement.json()));
    PredictionFiles.write(paths.root(), judgement.predictions(), run.data().examples());
    phases.run(
        Phase.PACKAGE,
        false,
        ignored -> {
          TaskFolder.save(
              paths.model(),
              partial -> run.network().write(partial, network),
              new Preprocessor(run.data().features()),
              judgement.task(),
              Map.of("README.md", report.card(), "evaluation.json", Json.write(judgement.json())));
          return paths.model();
        },
        folder -> "model folder " + folder);
  }

  private ExampleOutcome finish(
      TrainResult result,
      ExampleBatches training,
      ExampleJudgement judgement,
      ExampleReport report) {
    TrainingCurves curves = TrainingCurves.read(paths.events());
    Forecast.Stages seconds =
        new Forecast.Stages(
            phases.seconds(Phase.DATA),
            0,
            Math.max(curves.seconds(), phases.seconds(Phase.TRAIN)),
            phases.seconds(Phase.EVALUATE),
            phases.seconds(Phase.PACKAGE));
    double hours = seconds.total() / 3600;
    double epochs = (double) result.step() / training.batchesPerEpoch();
    double trained = epochs * training.size();
    ExampleActual actual =
        new ExampleActual(
            run.table().parameters(),
            result.step(),
            Math.round(trained),
            epochs,
            trained / Math.max(1e-9, curves.seconds()),
            seconds,
            Engine.peakResidentBytes(),
            plan.forecast().watts() * hours,
            recipe.budget().pricePerHour() * hours);
    TaskReport page = report.report(curves, actual);
    AtomicFiles.write(paths.report(), TaskPage.render(page));
    RunPictures.write(paths, phases, page::pictures);
    ObjectNode document = (ObjectNode) Json.tree(actual);
    document.put("status", "finished");
    ObjectNode metrics = document.putObject("metrics");
    judgement
        .metrics()
        .rows()
        .forEach(
            row -> {
              if (Double.isFinite(row.value())) {
                metrics.put(row.name().toLowerCase(Locale.ROOT), row.value());
              }
            });
    AtomicFiles.write(paths.actual(), Json.write(document));
    return new ExampleOutcome(recipe, judgement.metrics(), judgement.verdict(), actual);
  }
}
