package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.slipway.base.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What each command prints. */
class CommandsTest {
  @TempDir Path folder;

  private Path text(String text) {
    return TinyRun.write(folder.resolve("text.txt"), text);
  }

  private static List<String> keys(JsonNode node) {
    return List.copyOf(node.propertyNames());
  }

  @Test
  void generateGivesTextAndIds() {
    JsonNode node =
        Cli.run(
                "generate",
                TinyRun.finished(),
                "--prompt",
                "alpha beta",
                "--max-tokens",
                5,
                "--json")
            .succeeds()
            .json();
    assertThat(keys(node)).containsExactly("text", "prompt_ids", "ids", "finish_reason");
    assertThat(node.path("ids").size()).isEqualTo(5);
    assertThat(node.path("finish_reason").stringValue()).isEqualTo("length");
    Path prompt = text("alpha beta");
    assertThat(
            Cli.run(
                    "generate",
                    TinyRun.finished(),
                    "--prompt-file",
                    prompt,
                    "--max-tokens",
                    5,
                    "--json")
                .json())
        .isEqualTo(node);
    assertThat(
            Cli.run("generate", TinyRun.finished(), "--prompt-file", prompt, "--max-tokens", 5)
                .out())
        .isEqualTo(node.path("text").stringValue() + "\n");
  }

  @Test
  void embedGivesAVectorALine() {
    Path encoder =
        Path.of("../core/src/test/resources/dev/slipway/model/pretrained/sentence-several");
    JsonNode node =
        Cli.run("embed", encoder, "--text", text("the ship sails\n\nlaunching!\r\n"), "--json")
            .succeeds()
            .json();
    assertThat(keys(node)).containsExactly("embeddings");
    JsonNode expected = Json.read(encoder.resolve("expected.json")).path("embeddings");
    assertThat(node.path("embeddings").size()).isEqualTo(3);
    for (int place = 0; place < 6; place++) {
      double first = node.path("embeddings").path(0).path(place).asDouble();
      double last = node.path("embeddings").path(2).path(place).asDouble();
      assertThat(first).isCloseTo(expected.path(0).path(place).asDouble(), within(1e-5));
      assertThat(last).isCloseTo(expected.path(2).path(place).asDouble(), within(1e-5));
    }
    Cli.Result plain = Cli.run("embed", encoder, "--text", text("the ship")).succeeds();
    assertThat(plain.out().strip().split("\t")).hasSize(6);
    // A causal model has hidden states, too: the mean over tokens.
    Cli.Result causal =
        Cli.run("embed", TinyRun.finished(), "--text", text("the ship\nthe ship"), "--json");
    JsonNode both = causal.succeeds().json().path("embeddings");
    assertThat(both.path(0).size()).isGreaterThan(8);
    assertThat(both.path(0).path(0).asDouble())
        .isCloseTo(both.path(1).path(0).asDouble(), within(1e-6));
  }

  @Test
  void bfloat16GivesNearlyTheSameScore() {
    Path text = text("alpha beta gamma\n");
    double[] losses = new double[2];
    for (int i = 0; i < 2; i++) {
      String type = i == 0 ? "float32" : "bfloat16";
      losses[i] =
          Cli.run("score", TinyRun.finished(), "--text", text, "--dtype", type, "--json")
              .succeeds()
              .json()
              .path("nll_per_token")
              .asDouble();
    }
    assertThat(losses[1]).isNotEqualTo(losses[0]).isCloseTo(losses[0], withinPercentage(2));
    Cli.run("score", TinyRun.finished(), "--text", text, "--dtype", "int3")
        .fails(2, "model.dtype", "bfloat16");
  }

  @Test
  void aCacheInBytesGivesNearlyTheSameScore() {
    Path text = text("alpha beta gamma\n");
    double[] losses = new double[2];
    for (int i = 0; i < 2; i++) {
      String type = i == 0 ? "auto" : "int8";
      losses[i] =
          Cli.run("score", TinyRun.finished(), "--text", text, "--kv-cache-dtype", type, "--json")
              .succeeds()
              .json()
              .path("nll_per_token")
              .asDouble();
    }
    assertThat(losses[1]).isNotEqualTo(losses[0]).isCloseTo(losses[0], withinPercentage(1));
    Cli.run("score", TinyRun.finished(), "--text", text, "--kv-cache-dtype", "fp8")
        .fails(2, "model.cache-dtype", "int8");
  }

  @Test
  void scoreAgreesWithItself() {
    JsonNode node =
        Cli.run("score", TinyRun.finished(), "--text", text("alpha beta gamma\n"), "--json")
            .succeeds()
            .json();
    assertThat(keys(node))
        .containsExactly("ids", "logprobs", "nll_per_token", "perplexity", "bits_per_byte");
    assertThat(node.path("logprobs").size()).isEqualTo(node.path("ids").size() - 1);
    double sum = 0;
    for (JsonNode logprob : node.path("logprobs")) {
      sum -= logprob.asDouble();
    }
    double mean = sum / node.path("logprobs").size();
    assertThat(node.path("nll_per_token").asDouble()).isCloseTo(mean, within(1e-6));
    assertThat(node.path("perplexity").asDouble()).isCloseTo(Math.exp(mean), within(1e-3));
    assertThat(node.path("bits_per_byte").asDouble())
        .isCloseTo(sum / Math.log(2) / "alpha beta gamma\n".length(), within(1e-6));
  }

  private static org.assertj.core.data.Offset<Double> within(double offset) {
    return org.assertj.core.data.Offset.offset(offset);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "alpha\r\nbeta\t \r\n\r\n",
        "no line end",
        "",
        "\n\n\n",
        "👩‍💻 数 ﷺ é e\u0301 \u0000 \uFEFFx"
      })
  void tokensGiveTheirTextBackByteForByte(String content) {
    Path tokenizer = TinyRun.finished().resolve("model/tokenizer.json");
    JsonNode node =
        Cli.run("tokenize", tokenizer, "--text", text(content), "--json").succeeds().json();
    assertThat(keys(node)).containsExactly("ids", "tokens");
    assertThat(node.path("tokens").size()).isEqualTo(node.path("ids").size());
    Path ids = TinyRun.write(folder.resolve("ids.json"), Json.write(node));
    assertThat(
            Cli.run(
                    "detokenize",
                    TinyRun.finished(),
                    "--ids",
                    ids,
                    "--skip-special-tokens",
                    "--json")
                .succeeds()
                .json())
        .isEqualTo(Json.object().put("text", content));
    assertThat(
            Cli.run("detokenize", TinyRun.finished(), "--ids", ids, "--skip-special-tokens").out())
        .isEqualTo(content);
  }

  @Test
  void planGivesForecastAndRecipe() throws IOException {
    Path recipe = TinyRun.recipe(folder, TinyRun.text(folder.resolve("data.txt"), 60), 10);
    JsonNode node = Cli.run("plan", recipe, "--json").succeeds().json();
    assertThat(keys(node)).containsExactly("forecast", "recipe");
    assertThat(node.path("forecast").path("steps").asInt()).isEqualTo(10);
    assertThat(node.path("recipe").stringValue()).contains("steps: 10").doesNotContain(": auto");
    try (var files = Files.list(folder)) {
      assertThat(files).as("a plan writes nothing").hasSize(2);
    }
  }

  @Test
  void evalMeasuresTheTestSplitAndOtherText() {
    JsonNode own = Cli.run("eval", TinyRun.finished(), "--json").succeeds().json();
    JsonNode run = Json.read(TinyRun.finished().resolve("evaluation.json")).path("metrics");
    assertThat(own.path("documents")).isEqualTo(run.path("documents"));
    assertThat(own.path("bitsPerByte").path("estimate").asDouble())
        .isCloseTo(run.path("bitsPerByte").path("estimate").asDouble(), within(0.01));
    JsonNode other =
        Cli.run("eval", TinyRun.finished(), "--data", text("alpha beta\n"), "--json")
            .succeeds()
            .json();
    assertThat(other.path("bytes").asInt()).isEqualTo("alpha beta\n".length());
    Cli.run("eval", TinyRun.finished().resolve("model"), "--json")
        .fails(2, "usage", "no run with a test split", "--data");
    // The same tokenizer, and no folder of Slipway's.
    Path gguf = folder.resolve("tiny.gguf");
    Cli.run("export", TinyRun.finished(), "--type", "f32", "--out", gguf).succeeds();
    JsonNode published =
        Cli.run("eval", gguf, "--data", text("alpha beta\n"), "--json").succeeds().json();
    assertThat(published.path("bytes").asInt()).isEqualTo("alpha beta\n".length());
    assertThat(published.path("bitsPerByte").path("estimate").asDouble()).isBetween(0.1, 20.0);
  }

  @Test
  void runsAreListedShownAndCompared() {
    Path home = TinyRun.finished().resolve("..").normalize();
    JsonNode list = Cli.run("runs", "--runs", home, "--json").succeeds().json();
    assertThat(list.size()).isEqualTo(1);
    assertThat(list.get(0).path("id").stringValue()).isEqualTo("tiny");
    JsonNode shown = Cli.run("runs", "show", "tiny", "--runs", home, "--json").succeeds().json();
    assertThat(keys(shown)).contains("forecast", "actual", "recipe");
    assertThat(keys(shown.path("actual"))).contains("seconds.total", "peakMemory");
    assertThat(Cli.run("runs", "show", TinyRun.finished()).succeeds().out())
        .contains("forecast", "actual", "seconds.train");
    assertThat(
            keys(
                Cli.run("runs", "compare", "tiny", TinyRun.finished(), "--runs", home, "--json")
                    .succeeds()
                    .json()))
        .contains("a", "b", "recipe", "figures");
    assertThat(Cli.run("runs", "reindex", "--runs", home, "--json").succeeds().json())
        .isEqualTo(Json.object().put("runs", 1));
    Cli.run("runs", "show", "tiniy", "--runs", home).fails(3, "run.missing", "tiniy");
  }

  @Test
  void doctorGivesFactsAndFindings() {
    JsonNode node = Cli.run("doctor", "--json").succeeds().json();
    assertThat(keys(node)).containsExactly("facts", "findings");
    assertThat(keys(node.path("facts")))
        .contains("java", "engine", "blas", "threads", "memory", "bf16", "fp32", "src.zip");
  }

  @Test
  void recipeSchemaIsAJsonSchema() {
    JsonNode node = Cli.run("recipe", "schema", "--json").succeeds().json();
    assertThat(keys(node)).contains("$schema", "title");
    assertThat(Json.parse(Cli.run("recipe", "schema").succeeds().out(), "out")).isEqualTo(node);
  }

  @Test
  void tokenizerTrainWritesATokenizer() {
    Path source = TinyRun.text(folder.resolve("source.txt"), 20);
    Path out = folder.resolve("tokenizer");
    JsonNode node =
        Cli.run(
                "tokenizer",
                "train",
                "--source",
                source,
                "--vocabulary",
                300,
                "--out",
                out,
                "--json")
            .succeeds()
            .json();
    assertThat(keys(node)).containsExactly("tokenizer", "vocabulary", "fingerprint");
    assertThat(out.resolve("tokenizer.json")).exists();
  }

  @Test
  void launchAndRunTellWhatTheyMade() {
    Path out = folder.resolve("run");
    JsonNode node =
        Cli.start(
                "launch",
                "--no-serve",
                "--json",
                "--out",
                out,
                "--source",
                TinyRun.text(folder.resolve("data.txt"), 60),
                "--set",
                "model.gpt={size: {layers: 2, hidden: 32, heads: 2}, context: 32}",
                "--set",
                "train.steps=8",
                "--set",
                "train.batch=4",
                "--set",
                "split-is-no-key=1",
                "--set",
                "evaluate=[bits-per-byte, {samples: {count: 1, tokens: 5}}]")
            .result()
            .fails(2, "recipe.invalid", "split-is-no-key", "data, tokenizer, model")
            .json();
    assertThat(keys(node)).containsExactly("error");
    assertThat(keys(node.path("error"))).contains("code", "message", "exit");
    assertThat(out).doesNotExist();
    Cli.Result result =
        Cli.start(
                "launch",
                "--no-serve",
                "--json",
                "--out",
                out,
                "--source",
                folder.resolve("data.txt"),
                "--set",
                "data.split={validation: 10%, test: 10%}",
                "--set",
                "tokenizer.bpe.vocabulary=300",
                "--set",
                "model.gpt={size: {layers: 2, hidden: 32, heads: 2}, context: 32}",
                "--set",
                "train.steps=8",
                "--set",
                "train.batch=4",
                "--set",
                "evaluate=[bits-per-byte, {samples: {count: 1, tokens: 5}}]")
            .result()
            .succeeds();
    assertThat(keys(result.json())).contains("run", "model", "report", "actual", "evaluation");
    assertThat(result.err())
        .as("a log has each phase's last line only")
        .contains("forecast", "data", "tokenizer", "tokens", "train", "evaluate", "package")
        .doesNotContain("▱", "\u001b");
    assertThat(out.resolve("model/model.safetensors")).exists();
    assertThat(out.resolve("report.html")).exists();
  }

  @Test
  void unknownWordsAreAnsweredWithNearOnes() {
    Cli.run("launhc").fails(2, "usage", "launhc", "did you mean launch");
    Cli.run("launch", "--budgt", "3m").fails(2, "usage", "--budgt", "did you mean --budget");
    Cli.run("generate", "x").fails(2, "usage", "Missing required argument");
    Cli.run("lanch").fails(2, "usage", "there is no command 'slipway lanch'", "mean launch");
    Cli.run("doctor", "all").fails(2, "usage", "'all' came, expected nothing further");
    Cli.run("serve", "x", "--port", "y").fails(2, "usage", "'y' is no whole number");
    Cli.run("--lanch").fails(2, "usage", "'--lanch'");
    Cli.run("recipe").fails(2, "usage", "Missing subcommand: schema");
    assertThat(Cli.run("generate", "x", "--json").json().path("error").path("exit").asInt())
        .isEqualTo(2);
  }

  @Test
  void helpListsAllCommands() {
    Cli.Result help = Cli.run("--help").succeeds();
    assertThat(help.out())
        .contains(
            "launch",
            "run",
            "resume",
            "plan",
            "eval",
            "generate",
            "score",
            "embed",
            "tokenize",
            "detokenize",
            "tokenizer",
            "serve",
            "runs",
            "recipe",
            "doctor",
            "./slipway build",
            "./slipway test",
            "130");
    assertThat(Cli.run().out()).isEqualTo(help.out());
  }

  @Test
  void aTurkishMachinePrintsTheSame() {
    Path run = TinyRun.finished();
    Path text = text("İstanbul ISPARTA ılık title I i\n");
    for (Object[] arguments :
        List.of(
            new Object[] {"--help"},
            new Object[] {"runs", "show", run},
            new Object[] {"score", run, "--text", text})) {
      Cli.Result here = Cli.start(arguments).result();
      Cli.Result there =
          Cli.start(List.of("-Duser.language=tr", "-Duser.country=TR"), Map.of(), arguments)
              .result();
      assertThat(there).isEqualTo(here);
      assertThat(here.out().getBytes(StandardCharsets.UTF_8)).isNotEmpty();
    }
  }
}
