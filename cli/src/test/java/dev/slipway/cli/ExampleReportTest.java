package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.base.AtomicFiles;
import dev.slipway.base.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
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

  @Test
  void whatAugmentationDoesToATextIsShownWordByWord() throws IOException {
    TinyRun.write(folder.resolve("synonyms.txt"), "good, fine\n");
    StringBuilder rows = new StringBuilder("text,label\n");
    for (int i = 0; i < 40; i++) {
      rows.append("a good film about number ").append(i).append(i % 2 == 0 ? ",yes\n" : ",no\n");
    }
    TinyRun.write(folder.resolve("films.csv"), rows.toString());
    String recipe =
        """
        name: films
        data:
          source: { table: { path: "%s" } }
          inputs: [ { %s: { field: text } } ]
          split: { validation: 20%%, test: 20%% }
          augment: [ { word-drop: { probability: 0.2 } }, { synonyms: { file: "%s", probability: 1 } } ]
        task: { binary: { target: label } }
        model: { sequential: [ %s ] }
        train: { epochs: 1, batch: 8 }
        """;
    Path table = folder.resolve("films.csv");
    Path synonyms = folder.resolve("synonyms.txt");
    String network = "{ embedding: 4 }, global-avg-pool, { dense: 1 }";
    String page = report(recipe(recipe.formatted(table, "words", synonyms, network)));
    assertThat(page)
        .contains("What augmentation does", "word-drop (probability 0.2), then synonyms (file ")
        .containsPattern("a <del>good</del> <ins>fine</ins> film|<del>good</del>")
        .contains("<div class=\"augmented words\">");
    Cli.run(
            "run",
            recipe(recipe.formatted(table, "bag-of-words", synonyms, "{ dense: 1 }")),
            "--out",
            folder.resolve("bag"))
        .fails(2, "data.augment-idle", "word-drop", "text");
  }

  @Test
  void whatAugmentationDoesToASoundIsShownAsSpectrograms() throws IOException {
    for (int i = 0; i < 20; i++) {
      TinyRun.write(folder.resolve("sounds/low/" + i + ".wav"), wave(220, 2000 + 40 * i));
      TinyRun.write(folder.resolve("sounds/high/" + i + ".wav"), wave(1760, 2200 + 40 * i));
    }
    for (String input :
        List.of("log-mel: { seconds: 0.5 }", "log-mel: { seconds: 0.5, own-length: true }")) {
      boolean frames = input.contains("own-length");
      String page =
          report(
              recipe(
                  """
                  name: sounds
                  data:
                    source: { sounds: { path: "%s" } }
                    inputs: [ { %s } ]
                    split: { validation: 20%%, test: 20%% }
                    augment: [ { stretch: 0.2 }, { spec-augment: {} } ]
                  task: { binary: { target: label } }
                  model: { sequential: [ %s, { dense: 1 } ] }
                  train: { epochs: 1, batch: 8 }
                  evaluate: [ metrics, { errors: 2 } ]
                  """
                      .formatted(
                          folder.resolve("sounds"), input, frames ? "{ gru: 4 }" : "flatten")));
      assertThat(page).as(input).contains("What augmentation does", "stretch (amount 0.2)");
      String section = page.substring(page.indexOf("What augmentation does"));
      section = section.substring(0, section.indexOf("</section>"));
      assertThat(section.split("data:image/png", -1)).as(input).hasSize(1 + 4 * (1 + 4));
      assertThat(section.split("alt=\"as it is\"", -1)).as(input).hasSize(1 + 4);
      // Its mistakes are shown as what the network heard, too.
      assertThat(page).containsPattern("<figure class=\"card example\"><img");
      AtomicFiles.delete(folder.resolve("run"));
    }
  }

  /** A tone as 16-bit PCM of 8,000 samples a second. */
  private static byte[] wave(double pitch, int samples) {
    ByteBuffer bytes = ByteBuffer.allocate(44 + 2 * samples).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(36 + 2 * samples);
    bytes.put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII)).putInt(16);
    bytes.putShort((short) 1).putShort((short) 1).putInt(8000).putInt(16_000);
    bytes.putShort((short) 2).putShort((short) 16);
    bytes.put("data".getBytes(StandardCharsets.US_ASCII)).putInt(2 * samples);
    for (int i = 0; i < samples; i++) {
      bytes.putShort((short) (12_000 * Math.sin(2 * Math.PI * pitch * i / 8000)));
    }
    return bytes.array();
  }
}
