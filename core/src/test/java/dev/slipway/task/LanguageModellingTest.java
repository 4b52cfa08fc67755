package dev.slipway.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.data.ShuffledBatches;
import dev.slipway.data.SplitName;
import dev.slipway.data.SyntheticShards;
import dev.slipway.data.TokenShards;
import dev.slipway.data.TokenWindows;
import dev.slipway.model.gpt.GptAutograd;
import dev.slipway.model.gpt.GptConfig;
import dev.slipway.nn.ParameterSet;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Scope;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LanguageModellingTest {
  private static final GptConfig CONFIG =
      new GptConfig(GptConfig.Layout.LLAMA, 257, 32, 16, 1, 2, 1, 8, 32, true, 1e-5, 10_000);

  @TempDir Path folder;

  @Test
  void lossAndGradientAreThoseOfTheBatches() {
    try (TokenShards shards = SyntheticShards.write(folder.resolve("shards"), 6, 2);
        Scope _ = Scope.open();
        ParameterSet parameters = ParameterSet.allocate(CONFIG.parameters())) {
      parameters.initialise(3);
      ShuffledBatches training =
          new ShuffledBatches(new TokenWindows(shards.shard(SplitName.TRAIN), 32), 5, 3);
      TokenWindows validation = new TokenWindows(shards.shard(SplitName.VALIDATION), 32);
      try (LanguageModelling task =
          new LanguageModelling(
              parameters,
              new GptAutograd(CONFIG, parameters, DType.FLOAT32),
              training,
              validation,
              2)) {
        int targets = task.targetCount(4);
        assertThat(targets).isEqualTo(training.batch(4).targetCount());
        // Untrained, near uniform: the sum is not a mean.
        assertThat(task.forwardBackward(4, 1) / targets).isCloseTo(Math.log(257), within(0.1));
        float[] once = parameters.flatGradients().toFloats();
        task.forwardBackward(4, 2);
        float[] thrice = parameters.flatGradients().toFloats();
        for (int i = 0; i < once.length; i++) {
          assertThat(thrice[i]).isCloseTo(3 * once[i], within(1e-3f + 1e-4f * Math.abs(once[i])));
        }
        assertThat(task.recordIds(4)).isNotEmpty().allMatch(id -> id.startsWith("train-"));
      }
    }
  }

  @Test
  void validationIsTheMeanOverItsTokens() {
    try (TokenShards shards = SyntheticShards.write(folder.resolve("shards"), 2, 3);
        Scope _ = Scope.open();
        ParameterSet parameters = ParameterSet.allocate(CONFIG.parameters())) {
      parameters.initialise(3);
      ShuffledBatches training =
          new ShuffledBatches(new TokenWindows(shards.shard(SplitName.TRAIN), 32), 5, 3);
      TokenWindows validation = new TokenWindows(shards.shard(SplitName.VALIDATION), 32);
      double[] means = new double[2];
      for (int rows = 1; rows <= 2; rows++) {
        try (LanguageModelling task =
            new LanguageModelling(
                parameters,
                new GptAutograd(CONFIG, parameters, DType.FLOAT32),
                training,
                validation,
                rows)) {
          assertThat(task.hasValidation()).isTrue();
          means[rows - 1] = task.validationLoss(Integer.MAX_VALUE);
        }
      }
      assertThat(means[0]).isCloseTo(Math.log(257), within(0.1));
      assertThat(means[1]).isCloseTo(means[0], within(1e-5));
    }
  }

  @Test
  void doesWithoutValidation() {
    try (TokenShards shards = SyntheticShards.write(folder.resolve("shards"), 2, 0);
        ParameterSet parameters = ParameterSet.allocate(CONFIG.parameters());
        LanguageModelling task =
            new LanguageModelling(
                parameters,
                new GptAutograd(CONFIG, parameters, DType.FLOAT32),
                new ShuffledBatches(new TokenWindows(shards.shard(SplitName.TRAIN), 32), 5, 3),
                null,
                1)) {
      assertThat(task.hasValidation()).isFalse();
    }
  }
}
