package dev.slipway.recipe.examples;

import dev.slipway.data.SplitName;
import dev.slipway.data.example.ExampleBatches;
import dev.slipway.model.Network;
import dev.slipway.recipe.EvaluateSettings;
import dev.slipway.recipe.Recipe;
import dev.slipway.task.DirectTask;
import dev.slipway.task.Evaluation;
import dev.slipway.task.Predictions;
import dev.slipway.task.TaskData;
import java.util.Arrays;

/** Forecasts what is judged beside the model: yardsticks and the folds of a cross-validation. */
final class JudgingTime {
  /** Examples of the larger of two measured samples; the smaller has half of them. */
  private static final int SAMPLE = 800;

  /** Of pictures yardsticks take no more. */
  static final int MOST_PICTURES = 2_000;

  private JudgingTime() {}

  /**
   * Seconds of all yardsticks, by those of two small samples: time grows with the number of
   * examples, beyond what each sample takes anyway.
   */
  static double yardsticks(Recipe recipe, ExampleRun run, int rows) {
    TaskData data = run.data();
    ExampleBatches test = data.inOrder(SplitName.TEST, rows).orElse(null);
    if (recipe.evaluation(EvaluateSettings.Yardsticks.class).isEmpty()
        || test == null
        || !(data.task().task() instanceof DirectTask)) {
      return 0;
    }
    int training = data.members(SplitName.TRAIN).length;
    if (YardstickInputs.ofPictures(data)) {
      training = Math.min(training, MOST_PICTURES);
    }
    int all = training + test.size();
    double share = Math.min(1, (double) SAMPLE / all);
    Predictions predictions;
    try (Network network = run.create()) {
      predictions =
          Evaluation.of(
                  network,
                  data.task().task(),
                  data.task().criterion(),
                  test,
                  Math.ceilDiv((long) Math.ceil(share * test.size()), rows))
              .predictions();
    }
    double small = seconds(data, (int) (share / 2 * training), predictions, share / 2);
    double large = seconds(data, (int) (share * training), predictions, share);
    double slope = Math.max(0, large - small) / (share / 2);
    return large + slope * (1 - share);
  }

  private static double seconds(
      TaskData data, int training, Predictions predictions, double share) {
    int[] members = data.members(SplitName.TRAIN);
    int[] learnt = Arrays.stream(members).limit(Math.clamp(training, 2, members.length)).toArray();
    int[] asked =
        Arrays.stream(data.judged())
            .limit(Math.max(1, Math.round(share * data.judged().length)))
            .toArray();
    long start = System.nanoTime();
    var _ = YardstickInputs.predict(data, predictions, learnt, asked);
    return (System.nanoTime() - start) / 1e9;
  }

  /** Seconds of the folds' training, by those of an example. */
  static double folds(Recipe recipe, ExampleRun run, double secondsPerExample, double epochs) {
    int members =
        run.data().members(SplitName.TRAIN).length
            + run.data().members(SplitName.VALIDATION).length;
    return recipe
        .evaluation(EvaluateSettings.CrossValidation.class)
        .map(
            asked -> asked.repeats() * (asked.folds() - 1.0) * members * epochs * secondsPerExample)
        .orElse(0.0);
  }
}
