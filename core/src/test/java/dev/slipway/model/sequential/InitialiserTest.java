package dev.slipway.model.sequential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.nn.InputShape;
import dev.slipway.nn.ParameterSet;
import dev.slipway.tensor.Scope;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class InitialiserTest {
  private static final SequentialConfig CONFIG =
      SequentialConfig.of(
          List.of(InputShape.ids("text", 1000, 5L)),
          List.of(
              new BasicLayer.Embedding(8),
              new RecurrentLayer.Lstm(6, 1, false, true, 0),
              new RecurrentLayer.Gru(4, 1, false, false, 0),
              new BasicLayer.Dense(300, Optional.empty(), true)));

  @Test
  void firstValuesAreKeras() {
    try (Scope _ = Scope.open();
        Sequential network = Sequential.create(CONFIG, Initialiser.KERAS, 3)) {
      ParameterSet given = network.parameters();
      uniform(given, "0.weight", 0.05);
      // Keras' kernel (in, 4 units) has fans 8 and 24, its dense one 4 and 300.
      uniform(given, "1.weight_ih_l0", Math.sqrt(6.0 / 32));
      uniform(given, "3.weight", Math.sqrt(6.0 / 304));
      assertThat(given.value("3.bias").toFloats()).containsOnly(0);
      float[] gates = given.value("1.bias_ih_l0").toFloats();
      for (int i = 0; i < 24; i++) {
        assertThat(gates[i]).isEqualTo(i >= 6 && i < 12 ? 1f : 0f);
      }
      assertThat(given.value("1.bias_hh_l0").toFloats()).containsOnly(0);
      assertThat(given.value("2.bias_ih_l0").toFloats()).containsOnly(0);
      orthonormal(given.value("1.weight_hh_l0").toFloats(), 6);
      orthonormal(given.value("2.weight_hh_l0").toFloats(), 4);
    }
  }

  @Test
  void withoutAWordTheyArePytorchs() {
    try (Scope _ = Scope.open();
        Sequential plain = Sequential.create(CONFIG, 3);
        Sequential named = Sequential.create(CONFIG, Initialiser.PYTORCH, 3);
        Sequential keras = Sequential.create(CONFIG, Initialiser.KERAS, 3)) {
      float[] values = plain.parameters().flat().toFloats();
      assertThat(named.parameters().flat().toFloats()).isEqualTo(values);
      assertThat(keras.parameters().flat().toFloats()).isNotEqualTo(values);
    }
  }

  private static void uniform(ParameterSet given, String name, double bound) {
    float least = Float.MAX_VALUE;
    float most = -Float.MAX_VALUE;
    for (float value : given.value(name).toFloats()) {
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    assertThat((double) most).as(name).isBetween(0.9 * bound, bound);
    assertThat((double) least).as(name).isBetween(-bound, -0.9 * bound);
  }

  /** Columns of length 1, at right angles to each other. */
  private static void orthonormal(float[] matrix, int columns) {
    for (int a = 0; a < columns; a++) {
      for (int b = 0; b < columns; b++) {
        double sum = 0;
        for (int row = 0; row < matrix.length / columns; row++) {
          sum += matrix[row * columns + a] * matrix[row * columns + b];
        }
        assertThat(sum).isCloseTo(a == b ? 1 : 0, within(1e-6));
      }
    }
  }
}
