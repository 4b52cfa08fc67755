package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.base.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What a person sees of a run's network and examples: layer by layer, column by column. */
class ExampleReportTest {
  @TempDir Path folder;

  private Path recipe(String text) {
    return TinyRun.write(folder.resolve("recipe.yaml"), text);
  }

  private String report(Path recipe) throws IOException {
    Cli.run("run", recipe, "--out", folder.resolve("run"), "--json").succeeds();
    return Files.readString(folder.resolve("run/report.html"));
  }

  @Test
  void aColumnIsWatchedUnderItsName() throws IOException {
    StringBuilder rows = new StringBuilder("colour,size,sold\n");
    for (int i = 0; i < 60; i++) {
      rows.append(List.of("red", "green", "blue").get(i % 3))
          .append(i % 2 == 0 ? ",small," : ",large,")
          .append(i % 3 == 0 ? "yes\n" : "no\n");
    }
    TinyRun.write(folder.resolve("sales.csv"), rows.toString());
    String page =
        report(
            recipe(
                """
                name: sales
                data: { source: { table: { path: "%s" } }, split: { validation: 20%%, test: 20%% } }
                task: { binary: { target: sold } }
                model: { sequential: [ { concatenate: {} }, { dense: 1 } ] }
                train: { epochs: 2, batch: 8 }
                """
                    .formatted(folder.resolve("sales.csv"))));
    String events = Files.readString(folder.resolve("run/events.jsonl"));
    assertThat(events).contains("\"layer\":\"0.colour\"", "\"layer\":\"0.size\"");
    assertThat(events).doesNotContain("categories.");
    assertThat(page).contains("0.colour", "0.size");
  }

  @Test
  void thePlanOfATranslationShowsShapesAndLengths() {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 60; i++) {
      lines.append(Json.line(Json.object().put("en", "one two " + i).put("de", "eins zwei " + i)));
      lines.append('\n');
    }
    Path data = TinyRun.write(folder.resolve("pairs.jsonl"), lines.toString());
    Path recipe =
        recipe(
            """
            name: pairs
            data:
              source: { records: { path: "%s" } }
              inputs: [ { pieces: { size: 300, length: 20, padding: longest, field: en, name: source } } ]
              split: { validation: 20%%, test: 20%% }
            task: { sequence-to-sequence: { target: de, size: 300, length: 20 } }
            model: { encoder-decoder: { size: { layers: 1, hidden: 16, heads: 2 } } }
            train: { epochs: 1, batch: 8 }
            """
                .formatted(data));
    String text = Cli.run("plan", recipe).succeeds().out();
    assertThat(text)
        .containsPattern("encoder\\.layers\\.0 encoder-block +\\(B, S, 16\\) +3,280 ")
        .containsPattern("decoder\\.layers\\.0 decoder-block +\\(B, T, 16\\) ")
        .containsPattern("head dense, tied +\\(B, T, \\d+\\) +0 ")
        .containsPattern("target: \\d+ on average, at most \\d+ long");
    JsonNode plan = Cli.run("plan", recipe, "--json").succeeds().json();
    long parameters = 0;
    for (JsonNode row : plan.path("layers")) {
      parameters += row.path("parameters").asLong();
      assertThat(row.path("output").stringValue()).startsWith("(B, ");
    }
    assertThat(parameters).isEqualTo(plan.path("forecast").path("parameters").asLong());
    assertThat(plan.path("lengths").path("longest").path("source").asInt()).isPositive();
  }
}
