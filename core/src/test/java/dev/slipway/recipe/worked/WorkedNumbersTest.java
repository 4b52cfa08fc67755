package dev.slipway.recipe.worked;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkedNumbersTest {
  private static final Path RECIPE = Path.of("..", "recipes", "worked-numbers", "recipe.yaml");

  /** By hand: z = (2.3, 3), ŷ = 0.93, L = ½ 0.07², ∂L/∂ŷ = −0.07. */
  @Test
  void equalsTheCalculationByHand() {
    WorkedNumbers numbers = WorkedNumbers.of(WorkedRecipe.read(RECIPE, List.of()).workedStep());
    Map<String, WorkedNumbers.Row> rows = new HashMap<>();
    numbers.rows().forEach(row -> rows.put(row.name(), row));
    value(rows, "z1[1]", 2.3);
    value(rows, "z1[2]", 3.0);
    value(rows, "h1[1]", 2.3);
    value(rows, "z2[1]", 0.93);
    value(rows, "ŷ[1]", 0.93);
    value(rows, "L", 0.00245);
    gradient(rows, "ŷ[1]", -0.07);
    gradient(rows, "z2[1]", -0.07);
    gradient(rows, "h1[1]", -0.007);
    gradient(rows, "h1[2]", -0.014);
    gradient(rows, "z1[1]", -0.007);
    gradient(rows, "z1[2]", -0.014);
    learnt(rows, "w2[1,1]", -0.161, 0.1161);
    learnt(rows, "w2[2,1]", -0.21, 0.221);
    learnt(rows, "b2[1]", -0.07, 0.107);
    learnt(rows, "w1[1,1]", -0.007, 0.1007);
    learnt(rows, "w1[1,2]", -0.014, 0.2014);
    learnt(rows, "w1[2,1]", -0.014, 0.3014);
    learnt(rows, "w1[2,2]", -0.028, 0.4028);
    learnt(rows, "w1[3,1]", -0.021, 0.5021);
    learnt(rows, "w1[3,2]", -0.042, 0.6042);
    learnt(rows, "b1[1]", -0.007, 0.1007);
    learnt(rows, "b1[2]", -0.014, 0.2014);
    assertThat(numbers.text()).contains("w1[3,2]", "-0.042000000000", "0.604200000000");
  }

  private static void value(Map<String, WorkedNumbers.Row> rows, String name, double expected) {
    assertThat(requireNonNull(rows.get(name)).value()).isCloseTo(expected, within(1e-12));
  }

  private static void gradient(Map<String, WorkedNumbers.Row> rows, String name, double expected) {
    assertThat(requireNonNull(rows.get(name)).gradient())
        .as(name)
        .isCloseTo(expected, within(1e-12));
  }

  /** By hand: ŷ = σ(z2), h = tanh(z1); the inner gradients go through both functions' slopes. */
  @Test
  void gradientsGoThroughTheFunctionsOfBothLayers(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("recipe.yaml");
    Files.writeString(
        file,
        """
        worked-step:
          input: [0.5]
          layers:
            - { weights: [[2]], biases: [0.1], activation: tanh }
            - { weights: [[3]], biases: [-1], activation: sigmoid }
          target: [1]
          learning-rate: 1
        """);
    Map<String, WorkedNumbers.Row> rows = new HashMap<>();
    WorkedNumbers.of(WorkedRecipe.read(file, List.of()).workedStep())
        .rows()
        .forEach(row -> rows.put(row.name(), row));
    double h = Math.tanh(1.1);
    double y = 1 / (1 + Math.exp(-(3 * h - 1)));
    double z2 = (y - 1) * y * (1 - y);
    value(rows, "h1[1]", h);
    value(rows, "ŷ[1]", y);
    gradient(rows, "ŷ[1]", y - 1);
    gradient(rows, "z2[1]", z2);
    gradient(rows, "h1[1]", 3 * z2);
    gradient(rows, "z1[1]", 3 * z2 * (1 - h * h));
    learnt(rows, "w1[1,1]", 0.5 * 3 * z2 * (1 - h * h), 2 - 0.5 * 3 * z2 * (1 - h * h));
  }

  private static void learnt(
      Map<String, WorkedNumbers.Row> rows, String name, double gradient, double updated) {
    assertThat(requireNonNull(rows.get(name)).gradient())
        .as(name)
        .isCloseTo(gradient, within(1e-12));
    assertThat(requireNonNull(rows.get(name)).updated()).as(name).isCloseTo(updated, within(1e-12));
  }

  @Test
  void refusesShapesThatDoNotFit(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("recipe.yaml");
    Files.writeString(
        file,
        """
        worked-step:
          input: [1, 2]
          layers: [ { weights: [[1], [1], [1]], biases: [0] } ]
          target: [1]
          learning-rate: 0.1
        """);
    assertThat(WorkedRecipe.is(file)).isTrue();
    assertThatThrownBy(() -> WorkedRecipe.read(file, List.of()))
        .hasMessageContaining("layer 1 with 3 rows of weights")
        .hasMessageContaining("expected 2 rows");
  }
}
