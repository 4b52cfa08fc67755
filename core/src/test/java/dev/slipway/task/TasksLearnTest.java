package dev.slipway.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.ExampleBatches;
import dev.slipway.data.example.ExampleBatches.EncodedExamples;
import dev.slipway.data.example.MemoryExamples;
import dev.slipway.data.feature.Feature;
import dev.slipway.data.feature.FeatureConfig;
import dev.slipway.model.Network;
import dev.slipway.nn.Inputs;
import dev.slipway.optim.OptimizerConfig;
import dev.slipway.optim.Schedule;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.train.CheckpointStore;
import dev.slipway.train.TrainConfig;
import dev.slipway.train.TrainResult;
import dev.slipway.train.Trainer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TasksLearnTest {
  private static final int TRAINING = 400;
  private static final int ALL = 600;

  @TempDir Path folder;

  private final MemoryExamples points = Synthetic.points(ALL);

  private static EncodedExamples encoded(MemoryExamples points, Task task) {
    Feature numbers =
        FeatureConfig.Numbers.of(List.of("x", "y")).fit(points, Synthetic.range(0, TRAINING));
    SequencedMap<String, Encoded> inputs = new LinkedHashMap<>();
    inputs.put(numbers.name(), numbers.encode(points));
    return new EncodedExamples(points, inputs, task.targets(points));
  }

  private Evaluation learn(TaskConfig config, Map<String, Integer> heads) {
    FittedTask fitted = config.fit(points, Synthetic.range(0, TRAINING));
    EncodedExamples encoded = encoded(points, fitted.task());
    ExampleBatches training = ExampleBatches.shuffled(encoded, Synthetic.range(0, TRAINING), 32, 3);
    ExampleBatches held = ExampleBatches.inOrder(encoded, Synthetic.range(TRAINING, ALL), 64);
    TrainConfig train =
        TrainConfig.of(
                7,
                15 * training.batchesPerEpoch(),
                32,
                OptimizerConfig.AdamW.of(2e-2, 0),
                new Schedule.Cosine(2, 0.1))
            .withEvaluation(0, 1, null)
            .withCheckpoints(Duration.ofDays(1), 1);
    try (Scope _ = Scope.open();
        CheckpointStore checkpoints = new CheckpointStore(folder.resolve("checkpoints"), 1);
        ExampleObjective objective =
            new ExampleObjective(
                new Perceptron(2, heads, 1),
                fitted,
                training,
                held,
                ExampleObjective.Options.PLAIN)) {
      TrainResult result =
          new Trainer(train, objective, checkpoints, List.of(), () -> false, _ -> "use less memory")
              .run();
      assertThat(result.ending()).isEqualTo(TrainResult.Ending.COMPLETED);
      return Evaluation.of(
          objective.network(), fitted.task(), fitted.criterion(), held, Long.MAX_VALUE);
    }
  }

  private static Map<String, Integer> output(int width) {
    return Map.of(Network.OUTPUT, width);
  }

  @Test
  void binary() {
    Evaluation evaluation = learn(TaskConfig.Binary.of("sign"), output(1));
    Predictions.Binary predictions = (Predictions.Binary) evaluation.predictions();
    assertThat(predictions.classes()).containsExactly("minus", "plus");
    assertThat(predictions.examples()).isEqualTo(Synthetic.range(TRAINING, ALL));
    int right = 0;
    for (int i = 0; i < predictions.truth().length; i++) {
      right += (predictions.positive()[i] >= 0.5 ? 1 : 0) == predictions.truth()[i] ? 1 : 0;
    }
    assertThat(right).isGreaterThan(185);
    assertThat(evaluation.loss()).isLessThan(0.2);
  }

  @Test
  void multiClass() {
    Evaluation evaluation = learn(TaskConfig.MultiClass.of("quarter"), output(4));
    Predictions.MultiClass predictions = (Predictions.MultiClass) evaluation.predictions();
    assertThat(predictions.classes()).containsExactly("0", "1", "2", "3");
    int right = 0;
    for (int i = 0; i < predictions.truth().length; i++) {
      right += Heads.argmax(predictions.probabilities()[i]) == predictions.truth()[i] ? 1 : 0;
    }
    assertThat(right).isGreaterThan(180);
  }

  @Test
  void multiLabel() {
    Evaluation evaluation = learn(TaskConfig.MultiLabel.of("marks"), output(2));
    Predictions.MultiLabel predictions = (Predictions.MultiLabel) evaluation.predictions();
    assertThat(predictions.labels()).containsExactly("right", "up");
    int right = 0;
    for (int i = 0; i < predictions.truth().length; i++) {
      for (int label = 0; label < 2; label++) {
        right +=
            predictions.probabilities()[i][label] >= 0.5 == predictions.truth()[i][label] ? 1 : 0;
      }
    }
    assertThat(right).isGreaterThan(370);
  }

  @Test
  void regression() {
    Evaluation evaluation = learn(TaskConfig.Regression.of("sum"), output(1));
    Predictions.Numbers predictions = (Predictions.Numbers) evaluation.predictions();
    double squares = 0;
    for (int i = 0; i < predictions.truth().length; i++) {
      squares += Math.pow(predictions.truth()[i] - predictions.predicted()[i], 2);
    }
    // The target's deviation is about 13.
    assertThat(Math.sqrt(squares / predictions.truth().length)).isLessThan(2.5);
  }

  @Test
  void answersStayInTheRangeOfTheTargetsWhenAsked() {
    TaskConfig.Regression usual = TaskConfig.Regression.of("sum");
    TaskConfig clipped = new TaskConfig.Regression("sum", usual.scaling(), true, usual.loss());
    Regression task = (Regression) clipped.fit(points, Synthetic.range(0, TRAINING)).task();
    Regression free = (Regression) usual.fit(points, Synthetic.range(0, TRAINING)).task();
    try (Scope _ = Scope.open()) {
      Tensor raw = Tensor.of(new float[] {-50, 0, 50, Float.NaN}, 4, 1);
      Inputs none = new Inputs(new LinkedHashMap<>());
      double[] within = numbers(task.read(raw, none));
      double[] beyond = numbers(free.read(raw, none));
      assertThat(within[0]).isBetween(70.0, 75.0).isGreaterThan(beyond[0]);
      assertThat(within[1]).isEqualTo(beyond[1]);
      assertThat(within[2]).isBetween(125.0, 130.0).isLessThan(beyond[2]);
      assertThat(within[3]).isNaN();
    }
  }

  private static double[] numbers(List<Answer> answers) {
    return answers.stream().mapToDouble(a -> ((Answer.Estimated) a).value()).toArray();
  }

  @Test
  void severalTasksAtOnce() {
    SequencedMap<String, Integer> heads = new LinkedHashMap<>();
    heads.put("where", 4);
    heads.put("much", 1);
    Evaluation evaluation =
        learn(
            new TaskConfig.MultiTask(
                List.of(
                    new TaskConfig.Head("where", TaskConfig.MultiClass.of("quarter"), 1),
                    new TaskConfig.Head("much", TaskConfig.Regression.of("sum"), 0.5))),
            heads);
    Predictions.Several several = (Predictions.Several) evaluation.predictions();
    assertThat(several.byHead().keySet()).containsExactly("where", "much");
    assertThat(evaluation.loss()).isLessThan(0.6);
  }

  @Test
  void aNetworkOfAnotherWidthIsRefused() {
    assertThatThrownBy(() -> learn(TaskConfig.MultiClass.of("quarter"), output(7)))
        .isInstanceOf(SlipwayException.class)
        .hasMessage(
            "the task has 4 classes and needs (B, 4), the network gives (B, 7);"
                + " end the network with dense: 4");
  }

  @Test
  void fittedTasksAreJson() {
    for (TaskConfig config :
        List.of(
            TaskConfig.Binary.of("sign"),
            TaskConfig.MultiClass.of("quarter"),
            TaskConfig.MultiLabel.of("marks"),
            TaskConfig.Regression.of("sum"),
            new TaskConfig.MultiTask(
                List.of(new TaskConfig.Head("a", TaskConfig.Regression.of("sum"), 1))))) {
      Task task = config.fit(points, Synthetic.range(0, TRAINING)).task();
      String json = Json.write(task);
      assertThat(Json.parse(json, "task.json", Task.class)).isEqualTo(task);
      assertThat(Json.parse(json, "task.json").size()).isEqualTo(1);
    }
  }
}
