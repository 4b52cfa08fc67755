package dev.slipway.model.gpt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.model.gpt.GptConfig.Layout;
import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.tensor.DType;
import dev.slipway.tokenizer.TokenBatch;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GptAutogradTest {
  private static final int VOCABULARY = 31;

  static List<GptConfig> configs() {
    return List.of(
        config(Layout.GPT2, 4, true),
        config(Layout.GPT2, 4, false),
        config(Layout.LLAMA, 2, false),
        config(Layout.LLAMA, 4, true),
        config(Layout.QWEN3, 2, true));
  }

  private static GptConfig config(Layout layout, int keyValueHeads, boolean tied) {
    return new GptConfig(
        layout, VOCABULARY, 24, 32, 2, 4, keyValueHeads, 8, 48, tied, 1e-5, 10_000);
  }

  private static ParameterSet parameters(GptConfig config) {
    ParameterSet parameters = ParameterSet.allocate(config.parameters());
    parameters.initialise(7);
    SplittableRandom random = new SplittableRandom(3);
    for (ParameterSpec spec : config.parameters()) {
      // Far from the first values, so that every parameter matters to every other's gradient.
      float[] values = parameters.value(spec.name()).toFloats();
      for (int i = 0; i < values.length; i++) {
        values[i] += (float) (0.2 * random.nextGaussian());
      }
      set(parameters, spec.name(), values);
    }
    return parameters;
  }

  private static void set(ParameterSet parameters, String name, float[] values) {
    var target = parameters.flat().segment();
    java.lang.foreign.MemorySegment.copy(
        values,
        0,
        target,
        java.lang.foreign.ValueLayout.JAVA_FLOAT,
        parameters.offset(name) * 4,
        values.length);
  }

  /** Two rows, the second of two documents and with positions that are not learnt. */
  private static TokenBatch batch() {
    int rows = 2;
    int columns = 12;
    SplittableRandom random = new SplittableRandom(5);
    int[] tokens = random.ints(rows * columns, 0, VOCABULARY).toArray();
    int[] targets = random.ints(rows * columns, 0, VOCABULARY).toArray();
    int[] starts = new int[rows * columns];
    for (int i = 17; i < starts.length; i++) {
      starts[i] = 5;
    }
    targets[23] = TokenBatch.IGNORED;
    targets[22] = TokenBatch.IGNORED;
    return new TokenBatch(rows, columns, tokens, targets, starts);
  }

  @ParameterizedTest
  @MethodSource("configs")
  void gradientsAgreeWithFiniteDifferences(GptConfig config) {
    try (ParameterSet parameters = parameters(config);
        GptAutograd execution = new GptAutograd(config, parameters, DType.FLOAT32)) {
      TokenBatch batch = batch();
      double loss = execution.forwardBackward(batch, 0.5);
      assertThat(sum(execution.losses(batch, new boolean[0]))).isCloseTo(loss, within(1e-3));
      for (ParameterSpec spec : config.parameters()) {
        float[] gradient = parameters.gradient(spec.name()).toFloats();
        double norm = norm(gradient);
        assertThat(norm).as(spec.name()).isPositive();
        float[] values = parameters.value(spec.name()).toFloats();
        double step = 2e-3;
        double up = moved(execution, parameters, batch, spec.name(), values, gradient, step / norm);
        double down =
            moved(execution, parameters, batch, spec.name(), values, gradient, -step / norm);
        set(parameters, spec.name(), values);
        assertThat(0.5 * (up - down) / (2 * step))
            .as(spec.name())
            .isCloseTo(norm, within(0.02 * norm + 2e-2));
      }
    }
  }

  private static double moved(
      GptAutograd execution,
      ParameterSet parameters,
      TokenBatch batch,
      String name,
      float[] values,
      float[] direction,
      double step) {
    float[] moved = values.clone();
    for (int i = 0; i < moved.length; i++) {
      moved[i] += (float) (step * direction[i]);
    }
    set(parameters, name, moved);
    return sum(execution.losses(batch, new boolean[0]));
  }

  @ParameterizedTest
  @MethodSource("configs")
  void recomputedActivationsGiveTheSameGradients(GptConfig config) {
    try (ParameterSet kept = parameters(config);
        ParameterSet recomputed = parameters(config);
        GptAutograd plain = new GptAutograd(config, kept, DType.FLOAT32);
        GptAutograd checkpointing = new GptAutograd(config, recomputed, DType.FLOAT32, true)) {
      assertThat(checkpointing.forwardBackward(batch(), 1))
          .isEqualTo(plain.forwardBackward(batch(), 1));
      assertThat(recomputed.flatGradients().toFloats()).isEqualTo(kept.flatGradients().toFloats());
    }
  }

  @ParameterizedTest
  @MethodSource("configs")
  void bfloat16StaysNearFloat32(GptConfig config) {
    try (ParameterSet exact = parameters(config);
        ParameterSet rounded = parameters(config);
        GptAutograd full = new GptAutograd(config, exact, DType.FLOAT32);
        GptAutograd half = new GptAutograd(config, rounded, DType.BFLOAT16)) {
      double loss = full.forwardBackward(batch(), 1);
      assertThat(half.forwardBackward(batch(), 1)).isCloseTo(loss, within(0.02 * loss));
      float[] expected = exact.flatGradients().toFloats();
      float[] came = rounded.flatGradients().toFloats();
      float[] difference = new float[came.length];
      for (int i = 0; i < came.length; i++) {
        difference[i] = came[i] - expected[i];
      }
      assertThat(norm(difference)).isLessThan(0.03 * norm(expected)).isPositive();
      half.forwardBackward(batch(), 1);
      assertThat(norm(rounded.flatGradients().toFloats()))
          .as("a second backward adds to the first")
          .isCloseTo(2 * norm(came), within(1e-3 * norm(came)));
    }
  }

  @ParameterizedTest
  @MethodSource("configs")
  void documentsInOneRowDoNotSeeEachOther(GptConfig config) {
    try (ParameterSet parameters = parameters(config);
        GptAutograd execution = new GptAutograd(config, parameters, DType.FLOAT32)) {
      int[] tokens = {3, 1, 4, 1, 5, 9, 2, 6};
      int[] targets = {1, 4, 1, 5, 9, 2, 6, 5};
      float[] together =
          execution.losses(
              new TokenBatch(1, 8, tokens, targets, new int[] {0, 0, 0, 3, 3, 3, 3, 3}),
              new boolean[0]);
      float[] second =
          execution.losses(
              new TokenBatch(
                  1,
                  5,
                  java.util.Arrays.copyOfRange(tokens, 3, 8),
                  java.util.Arrays.copyOfRange(targets, 3, 8),
                  new int[5]),
              new boolean[0]);
      for (int i = 0; i < 5; i++) {
        assertThat(together[3 + i]).isCloseTo(second[i], within(2e-5f));
      }
    }
  }

  @Test
  void ignoredTargetsHaveNoLossAndAreNeverCorrect() {
    GptConfig config = config(Layout.GPT2, 4, true);
    try (ParameterSet parameters = parameters(config);
        GptAutograd execution = new GptAutograd(config, parameters, DType.FLOAT32)) {
      TokenBatch batch = batch();
      boolean[] correct = new boolean[24];
      float[] losses = execution.losses(batch, correct);
      assertThat(losses[23]).isZero();
      assertThat(losses[0]).isPositive();
      assertThat(correct[22]).isFalse();
    }
  }

  private static double sum(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum;
  }

  private static double norm(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += (double) value * value;
    }
    return Math.sqrt(sum);
  }
}
