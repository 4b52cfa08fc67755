package dev.slipway.model.gpt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.nn.MasterWeights;
import dev.slipway.nn.ParameterSet;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.tokenizer.TokenBatch;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Against transformers: fixtures by {@code reference/transformers_logits.py}. */
class GptReferenceTest {
  static Path fixture(String name) {
    try {
      return Path.of(
          Objects.requireNonNull(
                  GptReferenceTest.class.getResource("/dev/slipway/model/gpt/" + name), name)
              .toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static int[] ints(JsonNode array) {
    int[] values = new int[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.get(i).asInt();
    }
    return values;
  }

  private static TokenBatch batch(JsonNode expected) {
    int[] first = ints(expected.get("ids").get(0));
    int[] tokens =
        Stream.of(0, 1)
            .flatMapToInt(i -> java.util.Arrays.stream(ints(expected.get("ids").get(i))))
            .toArray();
    int[] targets =
        Stream.of(0, 1)
            .flatMapToInt(i -> java.util.Arrays.stream(ints(expected.get("targets").get(i))))
            .toArray();
    return new TokenBatch(2, first.length, tokens, targets, new int[tokens.length]);
  }

  private static float[] logits(GptFolder folder, TokenBatch batch) {
    try (Scope _ = Scope.open();
        NoGrad _ = NoGrad.open();
        GptTables tables = new GptTables(folder.config(), DType.FLOAT32)) {
      Gpt gpt = new Gpt(folder.config(), new MasterWeights(folder.parameters()));
      return gpt.logits(
              gpt.hidden(
                  Tensor.of(batch.tokens(), batch.rows(), batch.columns()), tables.of(batch)))
          .toFloats();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gpt2-tied",
        "gpt2-untied",
        "llama-tied",
        "llama-gqa",
        "qwen3-tied",
        "qwen3-untied"
      })
  void logitsLossAndGradientsEqualTransformers(String name) {
    JsonNode expected = Json.read(fixture(name).resolve("expected.json"));
    TokenBatch batch = batch(expected);
    GptFolder folder = GptFolder.openTrainable(fixture(name));
    try (ParameterSet parameters = folder.parameters();
        GptAutograd execution = new GptAutograd(folder.config(), parameters, DType.FLOAT32)) {
      float[] logits = logits(folder, batch);
      JsonNode theirs = expected.get("logits");
      assertThat(logits).hasSize(theirs.size());
      for (int i = 0; i < logits.length; i++) {
        assertThat((double) logits[i]).isCloseTo(theirs.get(i).asDouble(), within(1e-4));
      }
      assertThat(execution.forwardBackward(batch, 1))
          .isCloseTo(expected.get("loss").asDouble(), within(1e-3));
      gradientsEqual(folder.config(), parameters, expected.get("gradients"));
    }
  }

  private static void gradientsEqual(GptConfig config, ParameterSet parameters, JsonNode expected) {
    try (Scope _ = Scope.open();
        ParameterSet gradients = ParameterSet.frozen(config.parameters())) {
      gradients.flat().copyInPlace(parameters.flatGradients());
      Map<String, Tensor> tensors = GptWeights.tensors(config, gradients);
      assertThat(tensors.keySet()).containsExactlyInAnyOrderElementsOf(expected.propertyNames());
      tensors.forEach(
          (name, tensor) -> {
            float[] values = tensor.contiguous().toFloats();
            double squares = 0;
            double product = 0;
            for (int i = 0; i < values.length; i++) {
              squares += (double) values[i] * values[i];
              product += values[i] * Math.cos(i);
            }
            double norm = expected.get(name).get(0).asDouble();
            assertThat(Math.sqrt(squares)).as(name).isCloseTo(norm, within(1e-4 * norm + 1e-5));
            assertThat(product)
                .as(name)
                .isCloseTo(expected.get(name).get(1).asDouble(), within(1e-4 * norm + 1e-5));
          });
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gpt2-tied",
        "gpt2-untied",
        "llama-tied",
        "llama-gqa",
        "qwen3-tied",
        "qwen3-untied"
      })
  void aFolderThatIsSavedHoldsTheSameModel(String name, @TempDir Path temp) throws IOException {
    GptFolder folder = GptFolder.open(fixture(name));
    Path saved = temp.resolve("model");
    try (ParameterSet parameters = folder.parameters()) {
      GptFolder.save(
          saved,
          folder.config(),
          parameters,
          folder.ids(),
          DType.FLOAT32,
          Map.of("README.md", "# A card\n"));
      assertThat(Files.readAllBytes(saved.resolve("model.safetensors")))
          .as("transformers' own bytes")
          .isEqualTo(Files.readAllBytes(fixture(name).resolve("model.safetensors")));
      GptFolder again = GptFolder.open(saved);
      try (ParameterSet same = again.parameters()) {
        assertThat(again.config()).isEqualTo(folder.config());
        assertThat(same.flat().toFloats()).isEqualTo(parameters.flat().toFloats());
      }
      assertThat(again.ids().eos()).containsExactly(0);
      assertThat(saved.resolve("README.md")).hasContent("# A card");
    }
  }

  /** Needs a Python with transformers, named by {@code SLIPWAY_PYTHON}. */
  @Test
  void transformersOpensOurFolders(@TempDir Path temp) throws Exception {
    String python = System.getenv("SLIPWAY_PYTHON");
    Assumptions.assumeTrue(
        python != null, "skipped: SLIPWAY_PYTHON names no Python with transformers");
    List<String> command = new ArrayList<>();
    command.add(String.valueOf(python));
    command.add(Path.of("..", "reference", "check_model_folder.py").toAbsolutePath().toString());
    for (String name : List.of("gpt2-untied", "llama-gqa", "qwen3-tied")) {
      Path saved = temp.resolve(name);
      GptFolder folder = GptFolder.open(fixture(name));
      try (ParameterSet parameters = folder.parameters()) {
        GptFolder.save(saved, folder.config(), parameters, folder.ids(), DType.FLOAT32, Map.of());
        TokenBatch batch = batch(Json.read(fixture(name).resolve("expected.json")));
        ObjectNode ours = Json.object();
        for (int row = 0; row < 2; row++) {
          var ids = ours.withArray("ids").addArray();
          for (int i = 0; i < batch.columns(); i++) {
            ids.add(batch.tokens()[row * batch.columns() + i]);
          }
        }
        for (float logit : logits(folder, batch)) {
          ours.withArray("logits").add(logit);
        }
        Path logits = temp.resolve(name + ".json");
        Files.writeString(logits, Json.line(ours), StandardCharsets.UTF_8);
        command.add(saved.toString());
        command.add(logits.toString());
      }
    }
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
  }

  @Test
  void bothSpellingsOfTheRotaryBaseAreRead() {
    ObjectNode json = (ObjectNode) Json.read(fixture("llama-gqa").resolve("config.json"));
    assertThat(GptHuggingFace.read(json, "config.json").ropeTheta()).isEqualTo(5000);
    json.remove("rope_parameters");
    assertThat(GptHuggingFace.read(json, "config.json").ropeTheta()).isEqualTo(10_000);
    json.put("rope_theta", 7000.0);
    assertThat(GptHuggingFace.read(json, "config.json").ropeTheta()).isEqualTo(7000);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"model_type\":\"mamba\"} | model.unknown-architecture | LlamaForCausalLM",
        "{} | model.unknown-architecture | no model_type",
        "{\"model_type\":\"gpt2\",\"activation_function\":\"relu\"} | model.unsupported-setting | relu",
        "{\"model_type\":\"llama\"} | model.bad-config | hidden_size",
        "{\"model_type\":\"gpt2\",\"n_head\":0} | model.bad-config | heads is 0",
        "{\"model_type\":\"llama\",\"attention_bias\":true} | model.unsupported-setting | attention_bias",
      })
  void configsThatAreNotKnownAreRefused(String json, String code, String says) {
    assertThatThrownBy(() -> GptHuggingFace.read(Json.parse(json, "config.json"), "config.json"))
        .isInstanceOfSatisfying(
            SlipwayException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.line()).contains(says);
            });
  }

  @ParameterizedTest
  @CsvSource({
    "num_hidden_layers, 3, weights.missing-tensor, model.layers.2",
    "num_hidden_layers, 1, weights.surplus-tensor, model.layers.1",
    "num_hidden_layers, 2000000000, weights.missing-tensor, too few",
    "vocab_size, 2000000000, weights.wrong-shape, model.embed_tokens.weight",
    "intermediate_size, 25, weights.wrong-shape, mlp.gate_proj.weight",
  })
  void weightsThatDoNotFitTheConfigAreNamed(
      String key, int value, String code, String says, @TempDir Path temp) throws IOException {
    for (String file : new String[] {"config.json", "model.safetensors"}) {
      Files.copy(fixture("llama-gqa").resolve(file), temp.resolve(file));
    }
    ObjectNode json = (ObjectNode) Json.read(temp.resolve("config.json"));
    Files.writeString(temp.resolve("config.json"), Json.write(json.put(key, value)));
    assertThatThrownBy(() -> GptFolder.open(temp))
        .isInstanceOfSatisfying(
            SlipwayException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.line()).contains(says);
            });
  }

  @Test
  void aFolderThatLacksAFileSaysWhich(@TempDir Path temp) throws IOException {
    assertThatThrownBy(() -> GptFolder.open(temp)).hasMessageContaining("config.json");
    Files.copy(fixture("llama-gqa").resolve("config.json"), temp.resolve("config.json"));
    assertThatThrownBy(() -> GptFolder.open(temp)).hasMessageContaining("model.safetensors");
    assertThatThrownBy(() -> GptFolder.open(temp.resolve("nowhere")))
        .hasMessageContaining("there is no folder");
  }

  @Test
  void numbersAreWrittenTheSameInTurkish() {
    Locale before = Locale.getDefault();
    try {
      String here = Json.write(json());
      Locale.setDefault(Locale.of("tr", "TR"));
      assertThat(Json.write(json())).isEqualTo(here).contains("\"rms_norm_eps\"");
    } finally {
      Locale.setDefault(before);
    }
  }

  private static ObjectNode json() {
    return GptHuggingFace.config(
        GptFolder.config(fixture("llama-gqa")), SpecialIds.one(0), DType.FLOAT32);
  }
}
