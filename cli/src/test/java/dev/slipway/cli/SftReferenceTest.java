package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.base.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * Instruction tuning by a whole recipe beside TRL's SFTTrainer, by {@code reference/trl_sft.py}.
 */
class SftReferenceTest {
  @TempDir private Path temp;

  private void unpack() throws IOException {
    try (InputStream stream = Objects.requireNonNull(getClass().getResourceAsStream("sft.zip"));
        ZipInputStream zip = new ZipInputStream(stream)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Files.write(temp.resolve(entry.getName()), zip.readAllBytes());
      }
    }
  }

  /**
   * @param accumulate parts that a step is computed in, which changes nothing
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void aRecipeFollowsTrl(int accumulate) throws IOException {
    unpack();
    JsonNode expected = Json.read(temp.resolve("expected.json"));
    Path recipe =
        TinyRun.write(
            temp.resolve("recipe.yaml"),
            """
            name: sft
            budget: { time: 60s }
            data:
              source: { conversations: { path: "%s" } }
              split: { validation: 20%%, test: 20%% }
            model: { pretrained: { path: "%s", context: 128 } }
            task: { instruction-tuning: { template: of-model, pack: false } }
            train:
              steps: 20
              batch: 3
              accumulate: %d
              precision: fp32
              optimizer: { adamw: { beta2: 0.999 } }
              learning-rate: 0.01
              weight-decay: 0
              clip: none
              schedule: { constant: { warmup: 0%% } }
            """
                .formatted(temp.resolve("conversations.jsonl"), temp, accumulate));
    Path run = temp.resolve("run");
    Cli.run("run", recipe, "--out", run).succeeds();
    // The tokenizer's post-processor would put <s> before a text, as the template does: one is
    // kept.
    Path text = TinyRun.write(temp.resolve("text.txt"), "a");
    JsonNode plain = Cli.run("tokenize", temp, "--text", text, "--json").succeeds().json();
    assertThat(plain.at("/tokens/0").asString()).isEqualTo("<s>");
    List<Double> losses = new ArrayList<>();
    int rows = 0;
    for (String line : Files.readAllLines(run.resolve("events.jsonl"))) {
      JsonNode event = Json.parse(line, "events.jsonl");
      if (event.path("event").asString().equals("first_batch")) {
        for (JsonNode row : event.path("rows")) {
          assertThat(row.at("/tokens/0/text").asString()).isEqualTo("<s>");
          assertThat(row.at("/tokens/1/text").asString()).isNotEqualTo("<s>");
        }
        rows = event.path("rows").size();
      }
      if (event.path("event").asString().equals("step")) {
        losses.add(event.path("loss").asDouble());
      }
    }
    assertThat(rows).isEqualTo(3 / accumulate);
    assertThat(losses).hasSize(20);
    for (int step = 0; step < losses.size(); step++) {
      assertThat(losses.get(step))
          .as("step " + step)
          .isCloseTo(expected.path("losses").path(step).asDouble(), within(1e-4));
    }
  }
}
