package dev.slipway.recipe.examples;

import dev.slipway.base.Json;
import dev.slipway.eval.analysis.CostMatrix;
import dev.slipway.eval.analysis.CrossValidation;
import dev.slipway.eval.metric.MetricReport;
import dev.slipway.eval.metric.MetricRow;
import dev.slipway.eval.metric.classification.BinaryScores;
import dev.slipway.eval.metric.classification.Threshold;
import dev.slipway.eval.report.TaskEvaluation;
import dev.slipway.eval.report.TaskVerdict;
import dev.slipway.eval.yardstick.TaskYardsticks;
import dev.slipway.eval.yardstick.TextYardsticks;
import dev.slipway.recipe.EvaluateSettings;
import dev.slipway.recipe.Recipe;
import dev.slipway.recipe.run.Phase;
import dev.slipway.recipe.run.Phases;
import dev.slipway.recipe.run.RunEvent;
import dev.slipway.task.BinaryClassification;
import dev.slipway.task.Evaluation;
import dev.slipway.task.Predictions;
import dev.slipway.task.Recommendation;
import dev.slipway.task.Task;
import dev.slipway.task.TaskData;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the test split said of a finished model, and of its yardsticks.
 *
 * @param task with the threshold that validation chose, where the recipe asks for it
 * @param predictions on the test split, at that threshold
 * @param losses of each test example
 * @param validation the model on the validation split; null without one
 * @param cost of the decisions, where the recipe names costs; null otherwise
 * @param folds of a cross-validation; null without one
 */
record ExampleJudgement(
    Task task,
    Predictions predictions,
    double[] losses,
    @Nullable MetricReport validation,
    MetricReport metrics,
    TaskEvaluation evaluation,
    @Nullable CostMatrix costs,
    CostMatrix.@Nullable Outcome cost,
    @Nullable CrossValidation folds) {

  static ExampleJudgement of(
      Recipe recipe,
      ExampleRun run,
      @Nullable Evaluation validation,
      Evaluation test,
      Phases phases,
      Path scratch) {
    Task task = run.data().finished();
    Predictions predictions = test.predictions();
    @Nullable CostMatrix costs = null;
    CostMatrix.@Nullable Outcome cost = null;
    Optional<EvaluateSettings.Threshold> asked =
        recipe.evaluation(EvaluateSettings.Threshold.class);
    if (asked.isPresent()
        && task instanceof BinaryClassification binary
        && predictions instanceof Predictions.Binary told
        && validation != null
        && validation.predictions() instanceof Predictions.Binary chosen) {
      EvaluateSettings.Threshold settings = asked.get();
      if (settings.goal() == EvaluateSettings.Goal.COST) {
        costs =
            new CostMatrix(
                told.classes(),
                new double[][] {{0, settings.falsePositive()}, {settings.falseNegative(), 0}});
        cost =
            costs.leastCost(
                chosen.truth(), chosen.positive(), told.truth(), told.positive(), recipe.seed());
      }
      double threshold =
          cost != null
              ? cost.threshold()
              : Threshold.choose(
                      BinaryScores.of(chosen.truth(), chosen.positive()), by(settings.goal()))
                  .score();
      task = binary.withThreshold(Math.clamp(threshold, 0, 1));
      predictions =
          new Predictions.Binary(
              told.examples(), told.classes(), told.truth(), told.positive(), threshold);
    }
    MetricReport metrics = predictions.report(recipe.seed());
    if (asked.isPresent()) {
      metrics = decidedBy("roc-auc", metrics);
    } else if (!metrics.rows().getFirst().measured().isDefined()) {
      // Entities need tags of the form B-X, areas two classes: then the first figure that there is.
      Optional<MetricRow> first =
          metrics.rows().stream().filter(row -> row.measured().isDefined()).findFirst();
      if (first.isPresent()) {
        metrics = decidedBy(first.get().name(), metrics);
      }
    }
    TaskEvaluation evaluation = evaluation(recipe, run.data(), metrics, predictions, phases);
    return new ExampleJudgement(
        task,
        predictions,
        test.losses(),
        validation == null ? null : validation.predictions().report(recipe.seed()),
        metrics,
        evaluation,
        costs,
        cost,
        CrossValidated.of(recipe, run, phases, scratch));
  }

  /** Where a threshold is moved on purpose, shares of right answers say little of the model. */
  private static MetricReport decidedBy(String name, MetricReport metrics) {
    List<MetricRow> rows = new ArrayList<>(metrics.rows());
    rows.sort(Comparator.comparing(row -> !row.name().equals(name)));
    return new MetricReport(metrics.task(), metrics.examples(), rows, metrics.curves());
  }

  private static Threshold.By by(EvaluateSettings.Goal goal) {
    return switch (goal) {
      case F1 -> new Threshold.By.F1();
      case YOUDEN -> new Threshold.By.Youden();
      case COST -> throw new IllegalStateException("costs are weighed by the cost matrix");
    };
  }

  private static TaskEvaluation evaluation(
      Recipe recipe, TaskData data, MetricReport metrics, Predictions predictions, Phases phases) {
    List<TaskEvaluation.Beside> beside = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    if (recipe.evaluation(EvaluateSettings.Yardsticks.class).isPresent()) {
      phases.tell(new RunEvent.PhaseProgress(Phase.EVALUATE, Double.NaN, "yardsticks"));
      String deciding = metrics.rows().getFirst().name();
      if (data.finished() instanceof Recommendation task
          && predictions instanceof Predictions.Recommended told) {
        beside.addAll(new RecommendedBeside(data, task, told, recipe.seed()).all(deciding, notes));
      } else if (predictions instanceof Predictions.Texts texts) {
        for (TextYardsticks.Written one : YardstickInputs.written(data, texts)) {
          beside.add(beside(one, texts, deciding, recipe.seed()));
        }
      } else {
        notes.addAll(classic(recipe, data, predictions, deciding, beside));
      }
    }
    String unit =
        switch (predictions) {
          case Predictions.Recommended _ -> "users";
          case Predictions.Rankings _, Predictions.Retrieved _ -> "queries";
          default -> "examples";
        };
    return new TaskEvaluation(
        String.format(
            Locale.ROOT, "%,d %s that training did not see", predictions.examples().length, unit),
        predictions.examples().length,
        metrics.rows(),
        beside,
        notes,
        unit);
  }

  /** Adds what predicts classes and numbers; gives what could not be computed. */
  private static List<String> classic(
      Recipe recipe,
      TaskData data,
      Predictions predictions,
      String deciding,
      List<TaskEvaluation.Beside> beside) {
    Optional<TaskYardsticks.Result> result = YardstickInputs.predict(data, predictions);
    if (result.isEmpty()) {
      return List.of("No yardstick learns from inputs of this kind.");
    }
    for (var one : result.get().predictions()) {
      MetricReport measured = YardstickInputs.as(predictions, one).report(recipe.seed());
      beside.add(TaskEvaluation.Beside.of(one, measured, deciding));
    }
    return result.get().leftOut();
  }

  private static TaskEvaluation.Beside beside(
      TextYardsticks.Written one, Predictions.Texts model, String deciding, long seed) {
    MetricReport measured =
        new Predictions.Texts(model.examples(), model.references(), one.texts()).report(seed);
    return new TaskEvaluation.Beside(
        one.name(),
        measured.value(deciding),
        measured.row(deciding).map(MetricRow::interval).orElse(null),
        one.seconds(),
        one.saw(),
        one.source());
  }

  /** The report's first sentence. */
  String verdict() {
    return TaskVerdict.of(evaluation);
  }

  ObjectNode json() {
    ObjectNode document = Json.object();
    document.put("verdict", verdict());
    document.setAll(metrics.json());
    ArrayNode yardsticks = document.putArray("yardsticks");
    evaluation
        .yardsticks()
        .forEach(
            one -> {
              ObjectNode row =
                  yardsticks
                      .addObject()
                      .put("name", one.name())
                      .put("metric", metrics.rows().getFirst().name());
              if (Double.isFinite(one.value())) {
                row.put("value", one.value());
              }
            });
    if (validation != null) {
      document.set("validation", validation.json());
    }
    if (cost != null) {
      document
          .putObject("cost")
          .put("threshold", cost.threshold())
          .put("test", cost.testCost())
          .put("validation", cost.validationCost())
          .put("at_one_half", cost.usualCost())
          .put("constant", cost.constantCost())
          .put("constant_class", cost.constantClass());
    }
    if (folds != null) {
      document.set("cross_validation", Json.tree(folds));
    }
    return document;
  }

  static int largest(double[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      if (values[i] > values[best]) {
        best = i;
      }
    }
    return best;
  }
}
