package dev.slipway.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.base.Json;
import dev.slipway.model.gpt.GptAutograd;
import dev.slipway.model.gpt.GptFolder;
import dev.slipway.nn.ParameterSet;
import dev.slipway.optim.Optimizer;
import dev.slipway.optim.OptimizerConfig;
import dev.slipway.tensor.DType;
import dev.slipway.tokenizer.TokenBatch;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** 200 steps from the same weights and batches: {@code reference/transformers_training.py}. */
class LossParityTest {
  private static final int ROWS = 4;
  private static final int COLUMNS = 16;

  @ParameterizedTest
  @ValueSource(strings = {"gpt2-tied", "llama-gqa", "qwen3-tied"})
  void everyLossIsWithinAThousandthOfPyTorchs(String name) throws URISyntaxException {
    Path folder =
        Path.of(
            Objects.requireNonNull(
                    LossParityTest.class.getResource("/dev/slipway/model/gpt/training.json"))
                .toURI());
    JsonNode theirs = Json.read(folder).get(name);
    assertThat(theirs.size()).isEqualTo(200);
    GptFolder opened = GptFolder.openTrainable(folder.resolveSibling(name));
    try (ParameterSet parameters = opened.parameters();
        GptAutograd execution = new GptAutograd(opened.config(), parameters, DType.FLOAT32);
        Optimizer optimizer =
            new OptimizerConfig.AdamW(1e-3, 0.9, 0.95, 1e-8, 0, 0).bind(parameters)) {
      for (int step = 0; step < theirs.size(); step++) {
        double positions = ROWS * COLUMNS;
        double loss = execution.forwardBackward(batch(step), 1 / positions) / positions;
        assertThat(loss).as("step %s", step).isCloseTo(theirs.get(step).asDouble(), within(1e-3));
        optimizer.step(step, 1, 1);
        parameters.flatGradients().zeroInPlace();
        execution.parametersChanged();
      }
    }
  }

  private static TokenBatch batch(int step) {
    int[] tokens = new int[ROWS * COLUMNS];
    int[] targets = new int[tokens.length];
    for (int at = 0; at < tokens.length; at++) {
      tokens[at] = id(step, at / COLUMNS, at % COLUMNS);
      targets[at] = id(step, at / COLUMNS, at % COLUMNS + 1);
    }
    return new TokenBatch(ROWS, COLUMNS, tokens, targets, new int[tokens.length]);
  }

  private static int id(int step, int row, int i) {
    return (37 * step + 11 * row + 5 * i + i * i) % 64;
  }
}
