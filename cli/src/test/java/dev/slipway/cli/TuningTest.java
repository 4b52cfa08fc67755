package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.slipway.base.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** A model of Slipway's own goes on learning: planned, trained, resumed, packaged, merged. */
class TuningTest {
  private static final String LORA = "{ lora: { rank: 4, dropout: 0.1 } }";

  @TempDir private Path temp;

  private Path recipe(String tune, int steps) {
    return TinyRun.write(
        temp.resolve("recipe.yaml"),
        """
        name: tuned
        budget: { time: 60s }
        data:
          source: { text: { path: "%s" } }
          split: { validation: 10%%, test: 10%% }
        model: { pretrained: { path: "%s", context: 28 } }
        tune: %s
        train:
          steps: %d
          batch: 4
          accumulate: 2
          precision: fp32
          learning-rate: 0.01
          validate: { every: 4 steps, batches: 2 }
          checkpoint: { every: 1ms, keep: 100 }
        evaluate: [bits-per-byte, accuracy]
        """
            .formatted(
                TinyRun.text(temp.resolve("text.txt"), 60), TinyRun.finished(), tune, steps));
  }

  private static Path weights(Path run) {
    Path adapter = run.resolve("model/adapter_model.safetensors");
    return Files.exists(adapter) ? adapter : run.resolve("model/model.safetensors");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "full",
        "{ full: { freeze: [model.embed_tokens.*] } }",
        "{ full: { freeze-layers: 1, layer-decay: 0.8, unfreeze-every: 3 } }",
        "{ adalora: { initial-rank: 4, target-rank: 2 } }",
        LORA,
        "ia3",
        "{ qlora: { rank: 4 } }",
        "{ pfeiffer: { size: 8 } }"
      })
  void aResumedTuningEndsWithTheSameBytes(String tune) throws IOException {
    Path run = temp.resolve("run");
    JsonNode told =
        Json.parse(
            Cli.run("run", recipe(tune, 10), "--out", run, "--json").succeeds().out(), "run");
    double after =
        told.path("evaluation").path("metrics").path("bitsPerByte").path("estimate").asDouble();
    double before =
        told.path("evaluation").path("yardsticks").path(0).path("bitsPerByte").asDouble();
    assertThat(after).isPositive().isLessThan(before);
    assertThat(run.resolve("ledger.parquet")).exists();
    resumesToTheSameBytes(run);
  }

  /** Ten steps are too few for them to be better than nothing before the text. */
  @ParameterizedTest
  @ValueSource(strings = {"{ prompt: { virtual-tokens: 4 } }", "{ prefix: { virtual-tokens: 4 } }"})
  void aResumedPromptEndsWithTheSameBytes(String tune) throws IOException {
    Path run = temp.resolve("run");
    Cli.run("run", recipe(tune, 10), "--out", run).succeeds();
    resumesToTheSameBytes(run);
  }

  private void resumesToTheSameBytes(Path run) throws IOException {
    byte[] undisturbed = Files.readAllBytes(weights(run));
    // As a kill after the fifth step would have left it.
    for (String gone :
        List.of("model", "actual.json", "report.html", "evaluation.json", "ledger.parquet")) {
      delete(run.resolve(gone));
    }
    try (Stream<Path> checkpoints = Files.list(run.resolve("checkpoints"))) {
      for (Path checkpoint : checkpoints.toList()) {
        String name = checkpoint.getFileName().toString();
        if (name.startsWith("step-") && Long.parseLong(name.substring(5)) > 5) {
          delete(checkpoint);
        }
      }
    }
    Cli.run("resume", run, "--json").succeeds();
    assertThat(Files.readString(run.resolve("events.jsonl"))).contains("resumed");
    assertThat(Files.readAllBytes(weights(run))).isEqualTo(undisturbed);
  }

  @Test
  void theReportComparesWaysOfTuningTheSameModel() throws IOException {
    Path runs = temp.resolve("runs");
    List<String> ways =
        List.of("full", "{ prompt: { virtual-tokens: 4 } }", "{ prefix: { virtual-tokens: 4 } }");
    for (int i = 0; i < ways.size(); i++) {
      Cli.run("run", recipe(ways.get(i), 2), "--out", runs.resolve("run" + i)).succeeds();
    }
    String first = Files.readString(runs.resolve("run0/report.html"));
    assertThat(first).doesNotContain("Ways of tuning");
    String last = Files.readString(runs.resolve("run2/report.html"));
    String table = last.substring(last.indexOf("Ways of tuning"));
    assertThat(table.substring(0, table.indexOf("</table>")))
        .contains(
            "Trained parameters",
            "Peak memory",
            "Bits per byte",
            "in full",
            "a prompt of 4 embeddings",
            "a prefix of 4 keys and values a block",
            ">128<", // 4 embeddings of 32
            ">512<", // keys and values of 2 blocks
            "this run");
  }

  @Test
  void anAdapterAnswersAsTheModelThatItIsMergedInto() throws IOException {
    Path run = temp.resolve("run");
    Cli.run("run", recipe(LORA, 6), "--out", run, "--json").succeeds();
    Path text = TinyRun.text(temp.resolve("other.txt"), 1);
    double adapted = nats(run, text);
    Path merged = temp.resolve("merged");
    Cli.run("merge", run, "--out", merged, "--json").succeeds();
    assertThat(nats(merged, text)).isCloseTo(adapted, within(1e-4));
    double plain = nats(TinyRun.finished(), text);
    assertThat(plain).isNotEqualTo(adapted);
    JsonNode around =
        Json.parse(
            Cli.run(
                    "score",
                    TinyRun.finished(),
                    "--adapter",
                    run.resolve("model"),
                    "--text",
                    text,
                    "--json")
                .succeeds()
                .out(),
            "score");
    assertThat(around.path("nll_per_token").asDouble()).isEqualTo(adapted);
  }

  @Test
  void whatOnlyAWholeModelCanDoIsRefusedForAdapters() throws IOException {
    Path run = temp.resolve("run");
    Cli.run("run", recipe("{ pfeiffer: { size: 8 } }", 2), "--out", run, "--json").succeeds();
    Path merged = temp.resolve("merged");
    Cli.run("merge", run, "--out", merged).fails(3, "adapter.not-mergeable", "--adapter");
    assertThat(merged).doesNotExist();
    Cli.run("merge", TinyRun.finished(), "--out", merged)
        .fails(3, "adapter.missing-file", "adapter_config.json");
    Cli.run("eval", run).fails(3, "model.adapter", "slipway merge");
    Cli.run("export", run, "--out", temp.resolve("model.gguf"))
        .fails(3, "model.adapter", "slipway merge");
    assertThat(temp.resolve("model.gguf")).doesNotExist();
  }

  @Test
  void anAdapterIsMeasuredOnTasksWithItsModel() throws IOException {
    Path run = temp.resolve("run");
    Cli.run("run", recipe(LORA, 20), "--out", run, "--json").succeeds();
    Path merged = temp.resolve("merged");
    Cli.run("merge", run, "--out", merged, "--json").succeeds();
    Path items = temp.resolve("items.jsonl");
    Files.writeString(items, "{\"q\": \"alpha\", \"a\": \" beta\"}\n");
    Path task =
        Files.writeString(
            temp.resolve("task.yaml"),
            """
            name: words
            data: "%s"
            prompt: "{{ q }}"
            answer: "{{ a }}"
            kind: likelihood
            """
                .formatted(items));
    JsonNode ofAdapter = Cli.run("eval", run, "--tasks", task, "--json").succeeds().json();
    JsonNode ofMerged = Cli.run("eval", merged, "--tasks", task, "--json").succeeds().json();
    String figure = "/tasks/0/metrics/perplexity/value";
    assertThat(ofAdapter.at(figure).asDouble())
        .isPositive()
        .isCloseTo(ofMerged.at(figure).asDouble(), withinPercentage(0.1));
  }

  @Test
  void anAdapterIsServedAsItAnswersOnTheCommandLine() throws Exception {
    Path run = temp.resolve("run");
    Cli.run("run", recipe(LORA, 6), "--out", run, "--json").succeeds();
    String spoken =
        Json.parse(
                Cli.run(
                        "generate",
                        run,
                        "--prompt",
                        "alpha",
                        "--max-tokens",
                        8,
                        "--temperature",
                        0,
                        "--json")
                    .succeeds()
                    .out(),
                "generate")
            .path("text")
            .asString();
    try (ServedProcess served = new ServedProcess(run)) {
      JsonNode answer =
          served.post(
              "/v1/completions",
              Json.object().put("prompt", "alpha").put("max_tokens", 8).put("temperature", 0));
      assertThat(answer.at("/choices/0/text").asString()).isEqualTo(spoken).isNotEmpty();
    }
  }

  private static double nats(Path model, Path text) {
    return Json.parse(Cli.run("score", model, "--text", text, "--json").succeeds().out(), "score")
        .path("nll_per_token")
        .asDouble();
  }

  private static void delete(Path path) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    try (Stream<Path> inside = Files.walk(path)) {
      for (Path one : inside.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(one);
      }
    }
  }
}
