package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slipway.base.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A model of Slipway's own becomes a reward model, which is asked and opened by transformers. */
class RewardModellingTest {
  private static final String LIKED = "index";
  private static final String OTHER = "list";

  @TempDir private Path temp;

  private Path pairs(double margin) {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 160; i++) {
      var row =
          Json.object().put("prompt", i + " alpha").put("chosen", LIKED).put("rejected", OTHER);
      lines.append(Json.line(margin > 0 ? row.put("margin", margin) : row)).append('\n');
    }
    return TinyRun.write(temp.resolve("pairs.jsonl"), lines.toString());
  }

  private Path recipe(Path data, String model, String tune, String task, int steps) {
    return TinyRun.write(
        temp.resolve("recipe.yaml"),
        """
        name: judging
        budget: { time: 60s }
        data:
          source: { preferences: { path: "%s" } }
          split: { validation: 15%%, test: 25%% }
        model: { pretrained: { path: "%s", context: 32 } }
        tune: %s
        task: %s
        train:
          steps: %d
          batch: 4
          accumulate: 2
          precision: fp32
          learning-rate: 0.01
          validate: { every: 10 steps, batches: 2 }
          checkpoint: { every: 1ms, keep: 100 }
        """
            .formatted(data, model, tune, task, steps));
  }

  private Path conversations() {
    StringBuilder lines = new StringBuilder();
    for (String answer : List.of(LIKED, OTHER)) {
      lines.append(
          "[{\"role\": \"user\", \"content\": \"999 alpha\"}, {\"role\": \"assistant\", \"content\": \"%s\"}]\n"
              .formatted(answer));
    }
    return TinyRun.write(temp.resolve("conversations.jsonl"), lines.toString());
  }

  private static List<Double> rewards(Path model, Path conversations) {
    List<Double> rewards = new ArrayList<>();
    Cli.run("score", model, "--messages", conversations, "--json")
        .succeeds()
        .json()
        .path("rewards")
        .forEach(one -> rewards.add(one.path("reward").asDouble()));
    return rewards;
  }

  @Test
  void aResumedTrainingEndsWithTheSameBytesAndIsAsked() throws IOException {
    Path run = temp.resolve("run");
    JsonNode evaluation =
        Cli.run(
                "run",
                recipe(pairs(0), TinyRun.finished().toString(), "full", "reward-modelling", 30),
                "--out",
                run,
                "--json")
            .succeeds()
            .json()
            .path("evaluation");
    assertThat(evaluation.at("/figures/accuracy/estimate").asDouble()).isGreaterThan(0.8);
    assertThat(evaluation.at("/figures/margin/low").asDouble()).isPositive();
    assertThat(evaluation.at("/longer/estimate").asDouble()).isBetween(0.0, 1.0);
    assertThat(Files.readString(run.resolve("report.html"))).contains("liked answer ahead");
    assertThat(Files.readString(run.resolve("events.jsonl")))
        .contains("\"accuracy\"", "\"margin\"", "\"mean_reward\"");
    assertThat(Files.readString(run.resolve("actual.json")))
        .contains("finished", "figures")
        .doesNotContain("bitsPerByte");
    assertThat(Cli.run("runs", "compare", run, run).succeeds().out()).contains("figures.accuracy");
    Path conversations = conversations();
    List<Double> rewards = rewards(run, conversations);
    assertThat(rewards.getFirst()).isGreaterThan(rewards.getLast());
    Path weights = run.resolve("model/model.safetensors");
    byte[] undisturbed = Files.readAllBytes(weights);
    for (String gone :
        List.of("model", "actual.json", "report.html", "evaluation.json", "ledger.parquet")) {
      delete(run.resolve(gone));
    }
    try (Stream<Path> checkpoints = Files.list(run.resolve("checkpoints"))) {
      for (Path checkpoint : checkpoints.toList()) {
        String name = String.valueOf(checkpoint.getFileName());
        if (name.startsWith("step-") && Long.parseLong(name.substring(5)) > 12) {
          delete(checkpoint);
        }
      }
    }
    JsonNode again = Cli.run("resume", run, "--json").succeeds().json();
    assertThat(Files.readAllBytes(weights)).isEqualTo(undisturbed);
    assertThat(again.path("evaluation")).isEqualTo(evaluation);
    Cli.run("generate", run, "--prompt", "alpha").fails(3, "model.scores", "--messages");
    Cli.run("score", run, "--text", conversations).fails(3, "model.scores");
  }

  @Test
  void aRewardModelLearnsOn() {
    Path first = temp.resolve("first");
    Cli.run(
            "run",
            recipe(pairs(0), TinyRun.finished().toString(), "full", "reward-modelling", 4),
            "--out",
            first)
        .succeeds();
    Path second = temp.resolve("second");
    Cli.run(
            "run",
            recipe(
                pairs(0.5),
                first.toString(),
                "{ full: { freeze: [\"model.*\"] } }",
                "{ reward-modelling: { center-rewards: 0.01 } }",
                2),
            "--out",
            second)
        .succeeds();
    assertThat(second.resolve("report.html")).content().contains("rows&#39; column margin");
    assertThat(rewards(second, conversations())).hasSize(2);
    Cli.run(
            "run",
            recipe(pairs(0), first.toString(), "full", "preference-tuning", 2),
            "--out",
            temp.resolve("third"))
        .fails(3, "model.scores");
  }

  @Test
  void anAdapterBringsItsScoreAndCanBeMergedAndServed() throws IOException {
    Path run = temp.resolve("run");
    Cli.run(
            "run",
            recipe(
                pairs(0),
                TinyRun.finished().toString(),
                "{ lora: { rank: 4 } }",
                "reward-modelling",
                20),
            "--out",
            run)
        .succeeds();
    JsonNode config = Json.read(run.resolve("model/adapter_config.json"));
    assertThat(config.path("task_type").asString()).isEqualTo("SEQ_CLS");
    assertThat(config.path("modules_to_save").toString()).isEqualTo("[\"score\"]");
    Path conversations = conversations();
    List<Double> rewards = rewards(run, conversations);
    assertThat(rewards.getFirst()).isGreaterThan(rewards.getLast());
    Path merged = temp.resolve("merged");
    Cli.run("merge", run, "--out", merged).succeeds();
    List<Double> same = rewards(merged, conversations);
    assertThat(same.getFirst()).isCloseTo(rewards.getFirst(), within(1e-4));
    assertThat(same.getLast()).isCloseTo(rewards.getLast(), within(1e-4));
    Cli.run("generate", run, "--prompt", "alpha").fails(3, "model.scores", "adapter");
    assertThat(served(run)).isCloseTo(rewards.getFirst(), within(1e-4));
    assertThat(served(merged)).isCloseTo(rewards.getFirst(), within(1e-4));
  }

  /** The liked answer's reward, by the service. */
  private static double served(Path model) throws IOException {
    ObjectNode body = Json.object();
    body.putArray("messages")
        .add(Json.object().put("role", "user").put("content", "999 alpha"))
        .add(Json.object().put("role", "assistant").put("content", LIKED));
    try (ServedProcess served = new ServedProcess(model)) {
      return served.post("/v1/score", body).at("/data/0/score").asDouble();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"full", "{ lora: { rank: 4 } }", "{ full: { freeze-layers: 2 } }"})
  void transformersGivesTheSameRewards(String tune) throws IOException, InterruptedException {
    String python = System.getenv("SLIPWAY_PYTHON");
    assumeTrue(python != null, "SLIPWAY_PYTHON names no Python with transformers");
    Path run = temp.resolve("run");
    Cli.run(
            "run",
            recipe(pairs(0), TinyRun.finished().toString(), tune, "reward-modelling", 6),
            "--out",
            run)
        .succeeds();
    Path conversations = conversations();
    Process process =
        new ProcessBuilder(
                String.valueOf(python),
                "../reference/check_reward.py",
                run.resolve("model").toString(),
                conversations.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    JsonNode theirs =
        Json.parse(printed.substring(printed.lastIndexOf("\n[") + 1), "what Python printed");
    List<Double> ours = rewards(run, conversations);
    for (int i = 0; i < ours.size(); i++) {
      assertThat(ours.get(i))
          .as(String.format(Locale.ROOT, "conversation %d", i))
          .isCloseTo(theirs.path(i).asDouble(), within(1e-4));
    }
  }

  @Test
  void aLanguageModelGivesNoRewards() {
    Cli.run("score", TinyRun.finished(), "--messages", conversations())
        .fails(3, "model.no-score", "reward-modelling");
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
