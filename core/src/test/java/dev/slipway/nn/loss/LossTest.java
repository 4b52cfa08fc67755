package dev.slipway.nn.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.base.Json;
import dev.slipway.base.binding.Binder;
import dev.slipway.base.binding.Shapes;
import dev.slipway.base.binding.YamlReader;
import dev.slipway.nn.Input;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** Beside PyTorch: {@code reference/losses.py} made the fixture. */
class LossTest {
  record Document(Loss loss) {}

  @TestFactory
  Stream<DynamicTest> valuesAndGradientsArePyTorchs() throws IOException {
    return fixture()
        .valueStream()
        .map(test -> DynamicTest.dynamicTest(test.get("name").asString(), () -> check(test)));
  }

  private static void check(JsonNode test) {
    Loss loss = bound(test.get("loss").asString());
    try (Scope _ = Scope.open()) {
      Tensor output = floats(test.get("output")).setRequiresGrad(true);
      Tensor wanted =
          test.get("integers").asBoolean()
              ? Tensor.of(longs(test.get("target").get("values")), shape(test.get("target")))
              : floats(test.get("target"));
      Input target = new Input(wanted, lengths(test.get("target_lengths")));
      Input outputs = new Input(output, lengths(test.get("output_lengths")));
      Tensor perExample = loss.perExample(outputs, target);
      assertClose(perExample.toFloats(), test.get("per_example"));
      Tensor sum = loss.sum(outputs, target);
      sum.backward();
      assertClose(Objects.requireNonNull(output.grad()).toFloats(), test.get("gradient"));
      assertThat(loss.count(target)).isEqualTo(test.get("count").asLong());
    }
  }

  private static void assertClose(float[] actual, JsonNode expected) {
    assertThat(actual).hasSize(expected.size());
    for (int i = 0; i < actual.length; i++) {
      double value = expected.get(i).asDouble();
      assertThat((double) actual[i])
          .as("value %d", i)
          .isCloseTo(value, within(2e-6 * Math.max(1, Math.abs(value))));
    }
  }

  private static Tensor floats(JsonNode tensor) {
    JsonNode values = tensor.get("values");
    float[] floats = new float[values.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values.get(i).asDouble();
    }
    return Tensor.of(floats, shape(tensor));
  }

  private static long[] shape(JsonNode tensor) {
    return longs(tensor.get("shape"));
  }

  private static long[] longs(JsonNode values) {
    return values.valueStream().mapToLong(JsonNode::asLong).toArray();
  }

  private static @Nullable Tensor lengths(JsonNode lengths) {
    return lengths.isNull() ? null : Tensor.of(longs(lengths), lengths.size());
  }

  private static Loss bound(String yaml) {
    String document = "loss: " + (yaml.contains(":") ? "{ " + yaml + " }" : yaml);
    Binder.Bound<Document> bound =
        Binder.bind(
            YamlReader.parse(document, "loss"),
            new Shapes(List.of()).document(Document.class),
            Document.class,
            _ -> null);
    assertThat(bound.problems()).isEmpty();
    return Objects.requireNonNull(bound.value()).loss();
  }

  @Test
  void balancedWeightsAreScikitLearns() {
    // sklearn.utils.class_weight.compute_class_weight("balanced", classes=[0, 1], y=[0] * 6 + [1])
    assertThat(ClassWeights.balanced(6, 2).weights()).containsExactly(8 / 12.0, 8 / 4.0);
    assertThat(ClassWeights.balanced(3, 0).weights()).containsExactly(0.5, 0.0);
    Loss balanced = bound("binary-cross-entropy: { class-weights: balanced }");
    assertThat(balanced.balancedBy(6, 2))
        .isEqualTo(
            new Loss.BinaryCrossEntropy(
                0,
                Optional.of(new ClassWeights.Given(List.of(8 / 12.0, 2.0))),
                List.of(),
                Optional.empty()));
    assertThat(new Loss.Mse().balancedBy(1, 2)).isEqualTo(new Loss.Mse());
  }

  @Test
  void focusHasAGradientWhereAnAnswerIsCertain() {
    try (Scope _ = Scope.open()) {
      Loss loss = bound("cross-entropy: { focal: 0.5 }");
      Tensor output = Tensor.of(new float[] {200, 0, 0, 200}, 2, 2).setRequiresGrad(true);
      Tensor classes = Tensor.of(LongStream.of(0, 0).toArray(), 2);
      loss.sum(Input.of(output), Input.of(classes)).backward();
      assertThat(Objects.requireNonNull(output.grad()).isFinite().all()).isTrue();
    }
  }

  @Test
  void whatLiesInThePaddingTeachesNothing() {
    try (Scope _ = Scope.open()) {
      Tensor output = Tensor.of(new float[] {1, Float.NaN}, 1, 2).setRequiresGrad(true);
      Input target = new Input(Tensor.of(new float[] {0, 0}, 1, 2), Tensor.of(new long[] {1}, 1));
      Tensor sum = new Loss.Mse().sum(Input.of(output), target);
      sum.backward();
      assertThat(sum.item()).isEqualTo(1);
      assertThat(Objects.requireNonNull(output.grad()).toFloats()[0]).isEqualTo(2f);
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    try (Scope _ = Scope.open()) {
      Input four = Input.of(Tensor.of(new float[] {1, 2, 3, 4}, 2, 2));
      Input three = Input.of(Tensor.of(new float[] {1, 2, 3}, 3));
      assertThatThrownBy(() -> new Loss.Mse().sum(four, three))
          .hasMessageContaining("outputs are [2, 2], targets FLOAT32[3]");
      assertThatThrownBy(() -> Loss.CrossEntropy.PLAIN.sum(four, three))
          .hasMessageContaining("outputs are [2, 2], targets FLOAT32[3]");
      assertThatThrownBy(() -> new Loss.Triplet(1).sum(four, three))
          .hasMessageContaining("expected (B, 3, D)");
      assertThatThrownBy(
              () ->
                  bound("cross-entropy: { class-weights: { given: [1, 2, 3] } }")
                      .sum(four, Input.of(Tensor.of(new long[] {0, 1}, 2))))
          .hasMessageContaining("3 class weights for 2 classes");
    }
  }

  private static JsonNode fixture() throws IOException {
    try (InputStream in = LossTest.class.getResourceAsStream("losses.json")) {
      return Json.parse(
          new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8),
          "losses.json");
    }
  }
}
