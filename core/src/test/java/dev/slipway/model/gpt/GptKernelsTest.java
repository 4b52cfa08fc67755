package dev.slipway.model.gpt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.model.Execution;
import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.tensor.DType;
import dev.slipway.tokenizer.TokenBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GptKernelsTest {
  private static GptConfig config(
      GptConfig.Layout layout,
      int vocabulary,
      int hidden,
      int heads,
      int keys,
      int dim,
      boolean tied) {
    return new GptConfig(
        layout, vocabulary, 80, hidden, 2, heads, keys, dim, hidden * 5 / 2, tied, 1e-5, 10_000);
  }

  /** Every layout; grouped queries; tied and not; widths that are and are not whole vectors. */
  static Stream<GptConfig> configs() {
    List<GptConfig> configs = new ArrayList<>();
    configs.add(config(GptConfig.Layout.GPT2, 67, 64, 4, 4, 16, true));
    configs.add(config(GptConfig.Layout.GPT2, 96, 64, 2, 2, 32, false));
    configs.add(config(GptConfig.Layout.GPT2, 50, 36, 3, 3, 12, true));
    for (GptConfig.Layout layout : List.of(GptConfig.Layout.LLAMA, GptConfig.Layout.QWEN3)) {
      configs.add(config(layout, 67, 64, 4, 4, 16, true));
      configs.add(config(layout, 96, 64, 4, 2, 32, false));
      configs.add(config(layout, 50, 36, 6, 2, 10, true));
      configs.add(config(layout, 64, 48, 3, 1, 64, false));
    }
    return configs.stream();
  }

  /** Some documents in a row, some targets ignored. */
  private static TokenBatch batch(GptConfig config, int rows, int columns, long seed) {
    Random random = new Random(seed);
    int[] tokens = random.ints((long) rows * columns, 0, config.vocabularySize()).toArray();
    int[] targets = random.ints((long) rows * columns, 0, config.vocabularySize()).toArray();
    int[] starts = new int[rows * columns];
    for (int i = 0; i < starts.length; i++) {
      int column = i % columns;
      starts[i] = column == 0 ? 0 : random.nextInt(23) == 0 ? column : starts[i - 1];
      if (random.nextInt(9) == 0) {
        targets[i] = TokenBatch.IGNORED;
      }
    }
    return new TokenBatch(rows, columns, tokens, targets, starts);
  }

  private static ParameterSet parameters(GptConfig config) {
    ParameterSet parameters = ParameterSet.allocate(config.parameters());
    parameters.initialise(5);
    // Biases and norm weights off their first values, so that a mistake in them shows.
    float[] values = parameters.flat().toFloats();
    Random random = new Random(3);
    for (int i = 0; i < values.length; i++) {
      parameters
          .flat()
          .segment()
          .setAtIndex(
              java.lang.foreign.ValueLayout.JAVA_FLOAT,
              i,
              values[i] + 0.02f * (float) random.nextGaussian());
    }
    return parameters;
  }

  private static float[] gradients(
      Execution execution, ParameterSet parameters, TokenBatch batch, double[] loss) {
    parameters.flatGradients().zeroInPlace();
    loss[0] = execution.forwardBackward(batch, 0.25);
    return parameters.flatGradients().toFloats();
  }

  /** The worst over parameters of |a - b| / |b|, where |b| is at least a hundredth of the whole. */
  private static double worst(ParameterSet parameters, float[] a, float[] b) {
    double whole = Math.sqrt(squares(b, 0, b.length));
    double worst = 0;
    for (ParameterSpec spec : parameters.specs()) {
      int from = (int) parameters.offset(spec.name());
      int to = from + (int) spec.numel();
      double difference = 0;
      for (int i = from; i < to; i++) {
        difference += ((double) a[i] - b[i]) * ((double) a[i] - b[i]);
      }
      double norm = Math.max(Math.sqrt(squares(b, from, to)), 1e-2 * whole);
      worst = Math.max(worst, Math.sqrt(difference) / norm);
    }
    return worst;
  }

  private static double squares(float[] values, int from, int to) {
    double sum = 0;
    for (int i = from; i < to; i++) {
      sum += (double) values[i] * values[i];
    }
    return sum;
  }

  @ParameterizedTest
  @MethodSource("configs")
  void agreesWithAutograd(GptConfig config) {
    try (ParameterSet parameters = parameters(config);
        GptAutograd autograd = new GptAutograd(config, parameters, DType.FLOAT32);
        GptKernels kernels = new GptKernels(config, parameters, DType.FLOAT32, false);
        GptKernels checkpointing = new GptKernels(config, parameters, DType.FLOAT32, true);
        GptKernels half = new GptKernels(config, parameters, DType.BFLOAT16, false)) {
      TokenBatch batch = batch(config, 3, 40, 1);
      double[] loss = new double[1];
      float[] expected = gradients(autograd, parameters, batch, loss);
      double expectedLoss = loss[0];

      float[] got = gradients(kernels, parameters, batch, loss);
      assertThat(loss[0]).isCloseTo(expectedLoss, within(1e-5 * expectedLoss));
      assertThat(worst(parameters, got, expected)).isLessThan(1e-5);

      float[] again = gradients(checkpointing, parameters, batch, loss);
      assertThat(again).containsExactly(got);

      float[] rough = gradients(half, parameters, batch, loss);
      assertThat(loss[0]).isCloseTo(expectedLoss, within(1e-3 * expectedLoss));
      assertThat(worst(parameters, rough, expected)).isLessThan(2e-2);
    }
  }

  @ParameterizedTest
  @MethodSource("configs")
  void measuresTheSameLosses(GptConfig config) {
    try (ParameterSet parameters = parameters(config);
        GptAutograd autograd = new GptAutograd(config, parameters, DType.FLOAT32);
        GptKernels kernels = new GptKernels(config, parameters, DType.FLOAT32, false)) {
      for (int columns : new int[] {33, 7, 1, 80}) {
        TokenBatch batch = batch(config, 2, columns, columns);
        boolean[] expectedHits = new boolean[2 * columns];
        boolean[] hits = new boolean[2 * columns];
        float[] expected = autograd.losses(batch, expectedHits);
        assertThat(kernels.losses(batch, hits)).containsExactly(expected, within(2e-5f));
        assertThat(hits).containsExactly(expectedHits);
      }
    }
  }

  @Test
  void longRowsAreCutIntoBlocks() {
    GptConfig config =
        new GptConfig(GptConfig.Layout.LLAMA, 64, 600, 32, 1, 2, 1, 16, 64, true, 1e-5, 10_000);
    try (ParameterSet parameters = parameters(config);
        GptAutograd autograd = new GptAutograd(config, parameters, DType.FLOAT32);
        GptKernels kernels = new GptKernels(config, parameters, DType.FLOAT32, false)) {
      double[] loss = new double[1];
      for (int columns : new int[] {301, 600}) {
        TokenBatch batch = batch(config, 2, columns, 9);
        float[] expected = gradients(autograd, parameters, batch, loss);
        assertThat(worst(parameters, gradients(kernels, parameters, batch, loss), expected))
            .isLessThan(1e-5);
      }
    }
  }

  @Test
  void givesTheSameBitsEveryTime() {
    GptConfig config = GptConfig.gpt2(96, 64, 64, 2, 2);
    try (ParameterSet parameters = parameters(config);
        GptKernels kernels = new GptKernels(config, parameters, DType.BFLOAT16, false)) {
      TokenBatch batch = batch(config, 4, 64, 2);
      double[] loss = new double[1];
      float[] first = gradients(kernels, parameters, batch, loss); // interpreted
      double firstLoss = loss[0];
      for (int i = 0; i < 60; i++) { // compiled on the way
        float[] next = gradients(kernels, parameters, batch, loss);
        assertThat(Arrays.equals(first, next)).as("gradients of run %d", i).isTrue();
        assertThat(loss[0]).isEqualTo(firstLoss);
      }
    }
  }

  @Test
  void addsToTheGradientsThatAreThere() {
    GptConfig config = config(GptConfig.Layout.QWEN3, 67, 64, 4, 2, 16, true);
    try (ParameterSet parameters = parameters(config);
        GptKernels kernels = new GptKernels(config, parameters, DType.FLOAT32, false)) {
      double[] loss = new double[1];
      TokenBatch batch = batch(config, 2, 16, 4);
      float[] once = gradients(kernels, parameters, batch, loss);
      kernels.forwardBackward(batch, 0.25);
      float[] twice = parameters.flatGradients().toFloats();
      for (int i = 0; i < once.length; i++) {
        assertThat(twice[i]).isCloseTo(2 * once[i], within(1e-5f + 1e-4f * Math.abs(once[i])));
      }
    }
  }

  @Test
  void seesNewParameters() {
    GptConfig config = GptConfig.gpt2(96, 64, 64, 1, 2);
    try (ParameterSet parameters = parameters(config);
        GptKernels kernels = new GptKernels(config, parameters, DType.BFLOAT16, false)) {
      TokenBatch batch = batch(config, 1, 64, 4);
      double[] loss = new double[1];
      gradients(kernels, parameters, batch, loss);
      double before = loss[0];
      parameters.flat().mulInPlace(1.5);
      kernels.parametersChanged();
      gradients(kernels, parameters, batch, loss);
      assertThat(loss[0]).isNotCloseTo(before, within(1e-3 * before));
    }
  }
}
