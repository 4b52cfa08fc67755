package dev.slipway.recipe.examples;

import dev.slipway.base.AtomicFiles;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.SplitName;
import dev.slipway.data.example.ExampleBatches;
import dev.slipway.data.example.Folds;
import dev.slipway.data.example.SplitRule;
import dev.slipway.data.example.Splits;
import dev.slipway.eval.analysis.CrossValidation;
import dev.slipway.eval.metric.MetricReport;
import dev.slipway.eval.metric.MetricRow;
import dev.slipway.model.Network;
import dev.slipway.recipe.EvaluateSettings;
import dev.slipway.recipe.Recipe;
import dev.slipway.recipe.run.Phase;
import dev.slipway.recipe.run.Phases;
import dev.slipway.recipe.run.RunEvent;
import dev.slipway.task.Evaluation;
import dev.slipway.task.ExampleObjective;
import dev.slipway.task.TaskData;
import dev.slipway.train.CheckpointStore;
import dev.slipway.train.TrainConfig;
import dev.slipway.train.Trainer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Trains the same recipe on each fold of what is not the test split. */
final class CrossValidated {
  /** Metrics of a fold's row. */
  private static final int MOST = 6;

  private static final Set<String> FIRST =
      Set.of(
          "roc-auc",
          "roc-auc-ovr",
          "accuracy",
          "balanced-accuracy",
          "log-loss",
          "f1",
          "f1-macro",
          "rmse",
          "r2");

  private CrossValidated() {}

  /**
   * Null where the recipe asks for none.
   *
   * @param scratch a folder for the folds' checkpoints, gone afterwards
   */
  static @Nullable CrossValidation of(Recipe recipe, ExampleRun run, Phases phases, Path scratch) {
    Optional<EvaluateSettings.CrossValidation> asked =
        recipe.evaluation(EvaluateSettings.CrossValidation.class);
    if (asked.isEmpty()) {
      return null;
    }
    int[] members =
        IntStream.concat(
                IntStream.of(run.data().members(SplitName.TRAIN)),
                IntStream.of(run.data().members(SplitName.VALIDATION)))
            .sorted()
            .toArray();
    SplitRule rule = ExampleRun.rule(recipe);
    List<CrossValidation.Fold> rows = new ArrayList<>();
    List<String> names = new ArrayList<>();
    int count = asked.get().folds();
    for (int repeat = 0; repeat < asked.get().repeats(); repeat++) {
      long seed = recipe.seed() + repeat;
      Folds folds = Folds.of(run.examples(), members, rule, count, seed);
      for (int k = 0; k < folds.folds().size(); k++) {
        phases.tell(
            new RunEvent.PhaseProgress(
                Phase.EVALUATE,
                (double) (repeat * count + k) / (asked.get().repeats() * count),
                String.format(Locale.ROOT, "cross-validation, fold %d of %d", k + 1, count)));
        Folds.Fold fold = folds.folds().get(k);
        MetricReport report = measured(recipe, run, fold, seed + k, scratch);
        if (names.isEmpty()) {
          report.rows().stream()
              .filter(row -> row.measured().isDefined() && !row.name().contains("["))
              .sorted(Comparator.comparing(row -> !FIRST.contains(row.name())))
              .limit(MOST)
              .map(MetricRow::name)
              .forEach(names::add);
        }
        rows.add(
            new CrossValidation.Fold(
                asked.get().repeats() == 1 ? "" + (k + 1) : (repeat + 1) + "." + (k + 1),
                fold.train().length,
                fold.held().length,
                names.stream().mapToDouble(report::value).toArray()));
      }
    }
    return new CrossValidation(kind(rule), names, rows);
  }

  private static String kind(SplitRule rule) {
    return switch (rule) {
      case SplitRule.Hash _ -> "random";
      case SplitRule.Stratified _ -> "stratified";
      case SplitRule.Grouped _ -> "grouped";
      case SplitRule.Time _ -> "by time";
    };
  }

  /**
   * A network of its own, from first values to the last step; everything that is fitted is fitted
   * on the fold's own training examples.
   *
   * @throws SlipwayException if a fold has nothing to learn from
   */
  private static MetricReport measured(
      Recipe recipe, ExampleRun run, Folds.Fold fold, long seed, Path scratch) {
    TaskData data = run.divided(new Splits(fold.train(), new int[0], fold.held(), List.of()));
    TrainConfig train = ExampleRecipes.train(recipe);
    ExampleBatches batches = data.training(train.rows(), seed);
    Network network = run.blueprint(data).create(seed);
    long steps =
        Math.max(1, Math.round(recipe.train().epochs().value() * batches.batchesPerEpoch()));
    AtomicFiles.delete(scratch); // of a fold that was interrupted
    try (CheckpointStore checkpoints = new CheckpointStore(scratch, 1);
        ExampleObjective objective =
            new ExampleObjective(
                network, data.task(), batches, null, ExampleRecipes.options(recipe, data))) {
      new Trainer(
              train.withSteps(steps),
              objective,
              checkpoints,
              List.of(),
              () -> false,
              config -> "lower train.batch")
          .run();
      Evaluation held =
          Evaluation.of(
              network,
              data.task().task(),
              data.task().criterion(),
              data.inOrder(SplitName.TEST, train.rows()).orElseThrow(),
              Long.MAX_VALUE);
      return held.predictions().report(seed);
    } finally {
      AtomicFiles.delete(scratch);
    }
  }
}
