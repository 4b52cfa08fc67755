package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;

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

/** A model of Slipway's own learns which answers are liked. */
class PreferenceTuningTest {
  private static final String LIKED = "index";
  private static final String OTHER = "list";

  @TempDir private Path temp;

  private Path pairs() {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 160; i++) {
      lines
          .append(
              Json.line(
                  Json.object()
                      .put("prompt", i + " alpha")
                      .put("chosen", LIKED)
                      .put("rejected", OTHER)))
          .append('\n');
    }
    return TinyRun.write(temp.resolve("pairs.jsonl"), lines.toString());
  }

  private Path rated() {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 160; i++) {
      lines
          .append(
              Json.line(
                  Json.object()
                      .put("prompt", i + " alpha")
                      .put("completion", i % 2 == 0 ? LIKED : OTHER)
                      .put("label", i % 2 == 0)))
          .append('\n');
    }
    return TinyRun.write(temp.resolve("rated.jsonl"), lines.toString());
  }

  private Path recipe(Path data, String loss, String tune, int steps) {
    return TinyRun.write(
        temp.resolve("recipe.yaml"),
        """
        name: preferring
        budget: { time: 60s }
        data:
          source: { preferences: { path: "%s" } }
          split: { validation: 15%%, test: 25%% }
        model: { pretrained: { path: "%s", context: 32 } }
        tune: %s
        task: { preference-tuning: { loss: %s } }
        train:
          steps: %d
          batch: 4
          accumulate: 2
          precision: fp32
          learning-rate: 0.005
          validate: { every: 10 steps, batches: 2 }
          checkpoint: { every: 1ms, keep: 100 }
        """
            .formatted(data, TinyRun.finished(), tune, loss, steps));
  }

  @ParameterizedTest
  @ValueSource(strings = {"dpo", "ipo", "orpo", "kto"})
  void aResumedTuningEndsWithTheSameBytes(String loss) throws IOException {
    Path run = temp.resolve("run");
    Path data = loss.equals("kto") ? rated() : pairs();
    JsonNode evaluation =
        Cli.run("run", recipe(data, loss, "full", 30), "--out", run, "--json")
            .succeeds()
            .json()
            .path("evaluation");
    JsonNode figures = evaluation.path("figures");
    assertThat(figures.at("/rewards~1chosen/estimate").asDouble())
        .isGreaterThan(figures.at("/rewards~1rejected/estimate").asDouble());
    if (loss.equals("dpo")) {
      assertThat(figures.at("/rewards~1accuracies/estimate").asDouble()).isGreaterThan(0.8);
      assertThat(Files.readString(run.resolve("report.html"))).contains("liked answer ahead");
    }
    assertThat(evaluation.at("/retention/0/after").asDouble()).isPositive();
    assertThat(Files.readString(run.resolve("events.jsonl"))).contains("\"rewards/margins\"");
    assertThat(Files.exists(run.resolve("prepared/reference-test.f64")))
        .isNotEqualTo(loss.equals("orpo"));
    assertThat(Files.readString(run.resolve("actual.json"))).contains("finished");
    Path weights = run.resolve("model/model.safetensors");
    byte[] undisturbed = Files.readAllBytes(weights);
    String judged = figures.toString();
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
    assertThat(again.at("/evaluation/figures").toString()).isEqualTo(judged);
  }

  @Test
  void anAdapterLearnsPreferencesWithTheModelItselfAsItsReference() {
    Path run = temp.resolve("run");
    JsonNode first =
        Cli.run("run", recipe(pairs(), "orpo", "{ lora: { rank: 4 } }", 4), "--out", run, "--json")
            .succeeds()
            .json();
    assertThat(first.at("/evaluation/figures/loss/estimate").asDouble()).isPositive();
    assertThat(run.resolve("model/adapter_model.safetensors")).exists();
    assertThat(run.resolve("prepared/reference-train.f64")).doesNotExist();
  }

  @Test
  void ratedAnswersAreRefusedByLossesOfPairs() {
    Path run = temp.resolve("run");
    Cli.run("run", recipe(rated(), "dpo", "full", 2), "--out", run)
        .fails(3, "data.preferences-rated", "kto");
  }

  @Test
  void columnsThatDoNotFitAreRefusedWithTheLineThatMapsThem() {
    Path other =
        TinyRun.write(
            temp.resolve("other.jsonl"),
            "{\"question\": \"a\", \"better\": \"b\", \"worse\": \"c\"}\n".repeat(9));
    Cli.run("plan", recipe(other, "dpo", "full", 2))
        .fails(
            3,
            "data.columns",
            "add `data.source.preferences.format: {pairs: {prompt: question, chosen: better, rejected: worse}}`");
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
