package dev.slipway.recipe.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.eval.report.TaskSection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchedLayersTest {
  private static String look(long step, String diagnoses) {
    return """
    {"event":"layers_watched","step":%d,"parameters":[{"layer":"0","gradient_norm":2,"update_ratio":0.01}],\
    "outputs":[{"layer":"0","dead":0.25}],"diagnoses":[%s]}
    """
        .formatted(step, diagnoses);
  }

  @Test
  void eachTroubleOfALayerIsToldOnce(@TempDir Path folder) throws IOException {
    String dead =
        "{\"layer\":\"0\",\"kind\":\"DEAD_UNITS\",\"sentence\":\"%d %% are dead\",\"advice\":\"do this\"}";
    String large =
        "{\"layer\":\"0\",\"kind\":\"LARGE_STEPS\",\"sentence\":\"steps are large\",\"advice\":\"do that\"}";
    Path events = folder.resolve("events.jsonl");
    Files.writeString(
        events,
        look(1, large)
            + look(500, dead.formatted(60))
            + "{\"event\":\"step\",\"step\":501}\n"
            + look(1000, "")
            + look(1500, dead.formatted(70)));
    TaskSection.Watch watch = (TaskSection.Watch) WatchedLayers.section(events).orElseThrow();
    assertThat(watch.troubles())
        .containsExactly(
            "Layer 0, step 1: steps are large; do that.",
            "Layer 0, at 2 of 4 looks from step 500 to 1,500: 70 % are dead; do this.");
    assertThat(watch.layers().getFirst().layer()).isEqualTo("0");
    Files.writeString(events, "");
    assertThat(WatchedLayers.section(events)).isEmpty();
  }
}
