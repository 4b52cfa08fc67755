package dev.slipway.recipe.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.Fixtures;
import dev.slipway.model.LayerTable;
import dev.slipway.model.encoder.Head;
import dev.slipway.model.pretrained.EncoderFolder;
import dev.slipway.model.pretrained.SentenceModules;
import dev.slipway.task.Contrastive;
import dev.slipway.tune.Targets;
import dev.slipway.tune.TunedEncoder;
import dev.slipway.tune.TuningMethod;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What tuning an encoder costs: no gradient is made of what needs none. */
class EncoderBlueprintTest {
  private static final int LENGTH = 16;

  @TempDir private Path temp;

  @BeforeEach
  void unpack() {
    Fixtures.unpack(TunedEncoder.class, "peft-methods.zip", temp);
  }

  private LayerTable table(TuningMethod method) {
    Path folder = temp.resolve("base/bert");
    return new EncoderBlueprint(
            folder,
            SentenceModules.of(folder),
            EncoderFolder.config(folder, new Head.Hidden(false)),
            method,
            new Contrastive(List.of("text"), List.of(1)),
            List.of("text"),
            LENGTH)
        .table(Map.of());
  }

  private static TuningMethod frozenBelow(int blocks) {
    return new TuningMethod.Full(List.of(), blocks, 1, 0);
  }

  @Test
  void whatLearnsWholeCostsTwiceItsForwardPassAgain() {
    LayerTable table = table(TuningMethod.Full.ALL);
    assertThat(table.flops()).isPositive();
    assertThat(table.trainingFlops()).isCloseTo(3 * table.flops(), within(1e-9 * table.flops()));
  }

  @Test
  void belowTheFirstBlockThatLearnsThereIsNoBackwardPass() {
    for (LayerTable.Row row : table(frozenBelow(1)).rows()) {
      switch (row.path()) {
        case "embeddings", "encoder.layer.0" -> assertThat(row.backwardFlops()).isZero();
        default ->
            assertThat(row.backwardFlops()).isCloseTo(2 * row.flops(), within(1e-9 * row.flops()));
      }
    }
  }

  @Test
  void weightsThatStayHaveNoGradientButPassOneOn() {
    LayerTable table = table(TuningMethod.Lora.of(2, 4, new Targets.AllLinear(), false, false));
    // Of attention's two products both sides have gradients, whatever learns.
    assertThat(table.trainingFlops()).isBetween(2 * table.flops(), 2.5 * table.flops());
  }
}
