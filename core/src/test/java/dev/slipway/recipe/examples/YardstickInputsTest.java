package dev.slipway.recipe.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.base.binding.Auto;
import dev.slipway.data.example.Field;
import dev.slipway.data.example.MemoryExamples;
import dev.slipway.data.example.Splits;
import dev.slipway.data.example.Value;
import dev.slipway.data.feature.Augmented;
import dev.slipway.data.feature.FeatureConfig;
import dev.slipway.data.feature.TermWeights;
import dev.slipway.data.feature.Words;
import dev.slipway.eval.yardstick.TaskYardsticks;
import dev.slipway.task.Predictions;
import dev.slipway.task.TaskConfig;
import dev.slipway.task.TaskData;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class YardstickInputsTest {
  private static final FeatureConfig BAG =
      new FeatureConfig.BagOfWords(
          100, 1, TermWeights.TF_IDF, true, Words.LETTERS, 1, Optional.of("text"), "bag");

  /** The word of the text tells the class; the number tells nothing. */
  private static TaskYardsticks.Result result(List<FeatureConfig> inputs) {
    List<MemoryExamples.Row> rows =
        IntStream.range(0, 80)
            .mapToObj(
                i ->
                    new MemoryExamples.Row(
                        "row-" + i,
                        1,
                        Map.of(
                            "text",
                            new Value.Text((i % 2 == 0 ? "fine " : "poor ") + "text " + i),
                            "number",
                            new Value.Number(1),
                            "label",
                            new Value.Text(i % 2 == 0 ? "good" : "bad"))))
            .toList();
    int[] training = IntStream.range(0, 60).toArray();
    int[] test = IntStream.range(60, 80).toArray();
    TaskData data =
        TaskData.prepare(
            new MemoryExamples(
                List.of(
                    new Field("text", Field.Kind.TEXT),
                    new Field("number", Field.Kind.NUMBER),
                    new Field("label", Field.Kind.TEXT)),
                rows),
            new Splits(training, new int[0], test, List.of()),
            Auto.of(inputs),
            Augmented.NOT,
            TaskConfig.Binary.of("label"));
    Predictions.Binary asked =
        new Predictions.Binary(
            test, List.of("bad", "good"), new int[test.length], new double[test.length], 0.5);
    return YardstickInputs.predict(data, asked, training, test).orElseThrow();
  }

  @Test
  void bagsOfWordsAreMeasuredBesideTfIdf() {
    TaskYardsticks.Result result = result(List.of(BAG));
    assertThat(result.predictions().getLast().name()).contains("TF-IDF");
    double[] positive = result.predictions().getLast().column(1);
    for (int i = 0; i < positive.length; i++) {
      assertThat(positive[i] > 0.5).isEqualTo(i % 2 == 0);
    }
  }

  @Test
  void proseBesideColumnsIsNoCategory() {
    TaskYardsticks.Result result =
        result(List.of(FeatureConfig.Numbers.of(List.of("number")), BAG));
    assertThat(result.predictions()).noneMatch(one -> one.name().contains("TF-IDF"));
    // The number says nothing, so that all examples look alike to each yardstick.
    assertThat(result.predictions())
        .allSatisfy(one -> assertThat(one.column(1)).containsOnly(one.column(1)[0]));
  }
}
