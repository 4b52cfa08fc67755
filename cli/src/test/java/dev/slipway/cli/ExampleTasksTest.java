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

/**
 * Tasks whose answers are more than one class, from a file to an answer, beside their yardsticks.
 */
class ExampleTasksTest {
  @TempDir Path folder;

  private JsonNode run(String lines, String recipe) {
    TinyRun.write(folder.resolve("data.jsonl"), lines);
    Path file =
        TinyRun.write(
            folder.resolve("recipe.yaml"),
            "name: tiny\ndata: { source: { records: { path: \""
                + folder.resolve("data.jsonl")
                + "\" } }, split: { validation: 20%, test: 25% } }\n"
                + recipe);
    return Cli.run("run", file, "--out", folder.resolve("run"), "--json").succeeds().json();
  }

  private static double yardstick(JsonNode evaluation, String metric, String name) {
    for (JsonNode each : evaluation.path("yardsticks")) {
      if (each.path("name").stringValue().equals(name)) {
        assertThat(each.path("metric").stringValue()).isEqualTo(metric);
        return each.path("value").asDouble();
      }
    }
    throw new AssertionError("no yardstick " + name + " in " + evaluation);
  }

  @Test
  void tagsOfTokens() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 60; i++) {
      String verb = List.of("sees", "hears", "likes").get(i % 3);
      String noun = List.of("dogs", "cats", "birds", "fish").get(i % 4);
      lines
          .append(
              Json.line(
                  Json.object()
                      .put("text", "she " + verb + " " + noun + " " + i)
                      .put("tags", "P V N C")))
          .append('\n');
    }
    run(
        lines.toString(),
        """
        task: { tagging: { target: tags, tokens: text } }
        model: { sequential: [ { embedding: 8 }, { dense: 4 } ] }
        train: { epochs: 20, batch: 8, learning-rate: 0.05 }
        """);
    JsonNode evaluation = Json.read(folder.resolve("run/evaluation.json"));
    // Its number is new in each text: it gets the tag of all tokens, the first of equal ones.
    assertThat(yardstick(evaluation, "token-accuracy", "most frequent tag of each token"))
        .isEqualTo(1.0);
    assertThat(yardstick(evaluation, "token-accuracy", "most frequent tag")).isEqualTo(0.25);
    JsonNode line =
        Json.parse(Files.readAllLines(folder.resolve("run/predictions.jsonl")).getFirst(), "line");
    assertThat(line.path("truth").toString()).isEqualTo("[\"P\",\"V\",\"N\",\"C\"]");
    JsonNode answer =
        Cli.run(
                "predict",
                folder.resolve("run"),
                "--input",
                "{\"text\": \"she sees cats\"}",
                "--json")
            .succeeds()
            .json();
    assertThat(answer.toString()).contains("\"P\"", "\"V\"", "\"N\"");
    JsonNode bare =
        Cli.run("predict", folder.resolve("run"), "--input", "she sees cats", "--json")
            .succeeds()
            .json();
    assertThat(bare).isEqualTo(answer);
    Cli.run("predict", folder.resolve("run"), "--input", "no-such-file.txt")
        .fails(3, "predict.input-unreadable", "no-such-file.txt");
  }

  @Test
  void severalHeadsOfOneTrunk() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 80; i++) {
      lines
          .append(
              Json.line(
                  Json.object()
                      .put("a", i % 8)
                      .put("b", i % 5)
                      .put("big", i % 8 > 3 ? "yes" : "no")
                      .put("sum", i % 8 + i % 5)
                      .put("kinds", (i % 8 > 3 ? "big|" : "") + (i % 2 == 0 ? "even" : ""))))
          .append('\n');
    }
    run(
        lines.toString(),
        """
        task:
          multi-task:
            - { name: size, task: { binary: { target: big } } }
            - { name: sum, task: { regression: { target: sum } }, weight: 0.1 }
            - { name: kinds, task: { multi-label: { target: kinds } } }
        model:
          sequential:
            layers: [ { dense: { units: 16, activation: relu } } ]
            heads:
              - { name: size, layers: [ { dense: 1 } ] }
              - { name: sum, layers: [ { dense: 1 } ] }
              - { name: kinds, layers: [ { dense: 2 } ] }
        train: { epochs: 30, batch: 8, learning-rate: 0.02 }
        """);
    JsonNode evaluation = Json.read(folder.resolve("run/evaluation.json"));
    assertThat(evaluation.path("yardsticks").size()).isGreaterThanOrEqualTo(2);
    for (String head : List.of("size", "sum", "kinds")) {
      assertThat(Files.readAllLines(folder.resolve("run/predictions-" + head + ".jsonl")))
          .as(head)
          .hasSize(19);
    }
    JsonNode measured =
        Cli.run(
                "metrics",
                folder.resolve("run/predictions-sum.jsonl"),
                "--task",
                "regression",
                "--truth",
                "truth",
                "--prediction",
                "prediction",
                "--json")
            .succeeds()
            .json();
    assertThat(measured.path("examples").asInt()).isEqualTo(19);
    JsonNode rows =
        Cli.run(
                "predict",
                folder.resolve("run"),
                "--input",
                TinyRun.write(folder.resolve("asked.csv"), "id,b,a\nx,4,7\ny,0,1\n"),
                "--json")
            .succeeds()
            .json();
    assertThat(rows.path("predictions").size()).isEqualTo(2);
    assertThat(rows.path("predictions").path(1).path("input").asString())
        .endsWith("asked.csv:row-2");
    JsonNode one =
        Cli.run("predict", folder.resolve("run"), "--input", "{\"a\": 1, \"b\": 0}", "--json")
            .succeeds()
            .json();
    assertThat(rows.path("predictions").path(1).path("size"))
        .isNotEmpty()
        .isEqualTo(one.path("predictions").path(0).path("size"));
    Cli.run(
            "predict",
            folder.resolve("run"),
            "--input",
            TinyRun.write(folder.resolve("asked.csv"), "a,c\n1,2\n"))
        .fails(3, "predict.field-missing", "no column b");
    Cli.run(
            "predict",
            folder.resolve("run"),
            "--input",
            TinyRun.write(folder.resolve("asked.csv"), "a,b\n1,2\n3,4,5\n"))
        .fails(3, "data.csv-ragged", "asked.csv");
    assertThat(evaluation.path("yardsticks").path(1).path("name").stringValue())
        .startsWith("gradient boosting");
    assertThat(evaluation.path("yardsticks").path(1).path("value").asDouble())
        .isGreaterThan(
            yardstick(evaluation, "size/accuracy", "majority class · mean · share of each label"));
  }

  @Test
  void aWorkedStepIsPlannedAndLeftInAFolder() {
    Path recipe = Cli.root().resolve("recipes/worked-numbers");
    assertThat(Cli.run("plan", recipe).succeeds().out())
        .contains("(1, 2)", "(1, 1)")
        .containsPattern("all +11");
    Path out = folder.resolve("worked");
    String table = Cli.run("run", recipe, "--out", out).succeeds().out();
    assertThat(out.resolve("numbers.txt")).content().isEqualTo(table);
    assertThat(Json.read(out.resolve("numbers.json")).path("rows").size()).isEqualTo(22);
    Cli.run("run", recipe, "--out", out).fails(2, "run.folder-not-empty", "--out");
  }
}
