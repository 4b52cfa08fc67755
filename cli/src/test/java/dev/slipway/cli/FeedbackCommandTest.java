package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Ratings by model, and which is liked better. */
class FeedbackCommandTest {
  @TempDir Path temp;

  private static String row(String model, String version, boolean liked, String better) {
    return "{\"model\":\"%s\",\"version\":\"%s\",\"label\":%s,\"chosen\":%s}\n"
        .formatted(model, version, liked, better);
  }

  @Test
  void tellsModelsApartAndComparesThem() throws IOException {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 80; i++) {
      rows.append(row("old", "a1", i < 48, "null")).append(i == 3 ? "      \n" : "");
    }
    for (int i = 0; i < 70; i++) {
      rows.append(row("new", i < 20 ? "b1" : "b2", i < 56, i == 69 ? "\"better\"" : "null"));
    }
    Path file = Files.writeString(temp.resolve("feedback.jsonl"), rows);
    Cli.Result told = Cli.run("feedback", file).succeeds();
    assertThat(told.out())
        .contains("old  48 of 80 liked, 60.0 % (95 %: 49.0 to 70.0), 0 corrected")
        .contains("new  56 of 70 liked, 80.0 % (95 %: 69.2 to 87.7), 1 corrected")
        .contains("new is liked better than old: +20.0 points of 100 (95 %: +5.2 to +33.4)");
    JsonNode difference = Cli.run("feedback", file, "--json").json().at("/differences/0");
    // Newcombe 1998, table II, example (a), method 10.
    assertThat(difference.at("/difference/low").asDouble()).isCloseTo(0.0524, within(5e-5));
    assertThat(difference.at("/difference/high").asDouble()).isCloseTo(0.3339, within(5e-5));
    assertThat(Cli.run("feedback", file, "--versions").succeeds().out())
        .contains("new b1  20 of 20", "new b2  36 of 50", "old a1  48 of 80");
  }

  @Test
  void saysWhatCantBeSaidAndWhatCantBeRead() throws IOException {
    Path file = temp.resolve("feedback.jsonl");
    Cli.run("feedback", file).fails(3, "feedback.missing", "serve --feedback");
    Files.writeString(file, "");
    assertThat(Cli.run("feedback", file).succeeds().out()).isEqualTo("nothing was rated yet\n");
    Files.writeString(
        file,
        row("old", "", true, "null").repeat(3)
            + row("old", "", false, "null").repeat(2)
            + row("new", "", false, "null"));
    assertThat(Cli.run("feedback", file).succeeds().out())
        .contains("whether new is liked better than old can't be said yet: -60.0 points");
    Files.writeString(file, "no JSON\n");
    Cli.run("feedback", file).fails(3, "json.malformed", "line 1");
    Files.writeString(file, "[]\n");
    Cli.run("feedback", file).fails(3, "feedback.unreadable", "line 1");
    Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe});
    Cli.run("feedback", file).fails(3, "feedback.unreadable");
  }
}
