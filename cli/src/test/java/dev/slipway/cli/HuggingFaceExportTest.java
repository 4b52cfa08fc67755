package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.base.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Models as folders for Hugging Face's libraries: decoders, encoders, adapters, GGUF files. */
class HuggingFaceExportTest {
  private static final String PROMPT = "list map key";

  /** Mean log-loss of a text's tokens, and what is said next, as transformers has them. */
  private static final String DECODER =
      """
      import json, sys, torch
      from transformers import AutoModelForCausalLM, AutoTokenizer
      folder, adapter, prompt = sys.argv[1:]
      model = AutoModelForCausalLM.from_pretrained(folder)
      if adapter:
          from peft import PeftModel
          model = PeftModel.from_pretrained(model, adapter)
      model = model.eval().float()
      tokenizer = AutoTokenizer.from_pretrained(folder)
      ids = tokenizer(prompt, return_tensors="pt").input_ids
      prompt_ids = ids[0].tolist()
      with torch.no_grad():
          for _ in range(8):
              next_id = model(input_ids=ids).logits[0, -1].argmax().view(1, 1)
              ids = torch.cat([ids, next_id], 1)
      print(json.dumps({"prompt_ids": prompt_ids, "ids": ids[0, len(prompt_ids):].tolist()}))
      """;

  @TempDir private Path temp;

  private static JsonNode greedy(Object... of) {
    List<Object> command = new ArrayList<>(List.of("generate"));
    command.addAll(Arrays.asList(of));
    command.addAll(List.of("--prompt", PROMPT, "--max-tokens", 8, "--json"));
    return Cli.run(command.toArray()).succeeds().json();
  }

  private JsonNode export(Object... arguments) {
    List<Object> command = new ArrayList<>(List.of("export"));
    command.addAll(Arrays.asList(arguments));
    command.addAll(List.of("--format", "huggingface", "--json"));
    return Cli.run(command.toArray()).succeeds().json();
  }

  private JsonNode python(String script, String... arguments)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(Objects.requireNonNull(System.getenv("SLIPWAY_PYTHON")), "-c", script));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).redirectError(temp.resolve("errors").toFile()).start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(Files.readString(temp.resolve("errors"))).isZero();
    return Json.parse(printed.strip().lines().toList().getLast(), "what Python printed");
  }

  private void assertTransformersAgrees(Path folder, String adapter, JsonNode ours)
      throws IOException, InterruptedException {
    JsonNode theirs = python(DECODER, folder.toString(), adapter, PROMPT);
    assertThat(theirs.path("prompt_ids")).isEqualTo(ours.path("prompt_ids"));
    assertThat(ours.path("ids").size()).isPositive();
    for (int i = 0; i < ours.path("ids").size(); i++) {
      assertThat(theirs.path("ids").path(i)).isEqualTo(ours.path("ids").path(i));
    }
  }

  private Path tuned(String tune) {
    Path recipe =
        TinyRun.write(
            temp.resolve("recipe.yaml"),
            """
            name: tuned
            budget: { time: 60s }
            data:
              source: { text: { path: "%s" } }
              split: { validation: 10%%, test: 10%% }
            model: { pretrained: { path: "%s", context: 16 } }
            tune: %s
            train: { steps: 8, batch: 4, precision: fp32, learning-rate: 0.02 }
            evaluate: [bits-per-byte, accuracy]
            """
                .formatted(TinyRun.text(temp.resolve("text.txt"), 60), TinyRun.finished(), tune));
    Path run = temp.resolve("run");
    Cli.run("run", recipe, "--out", run, "--json").succeeds();
    return run;
  }

  @Test
  @EnabledIfEnvironmentVariable(
      named = "SLIPWAY_PYTHON",
      matches = ".+",
      disabledReason = "needs a Python with reference/requirements.txt")
  void transformersOpensShardsOfARun() throws Exception {
    Path out = temp.resolve("out");
    JsonNode told = export(TinyRun.finished(), "--out", out, "--max-shard-size", "20KB");
    assertThat(out.resolve("model.safetensors.index.json")).exists();
    assertThat(told.path("type").asString()).isEqualTo("float32");
    assertThat(told.path("files").asInt()).isGreaterThan(6);
    JsonNode ours = greedy(out);
    assertThat(ours).isEqualTo(greedy(TinyRun.finished()));
    assertTransformersAgrees(out, "", ours);
  }

  @Test
  @EnabledIfEnvironmentVariable(
      named = "SLIPWAY_PYTHON",
      matches = ".+",
      disabledReason = "needs a Python with reference/requirements.txt")
  void aGgufFileComesBackAsAFolder() throws Exception {
    Path file = temp.resolve("model.gguf");
    Cli.run("export", TinyRun.finished(), "--type", "f32", "--out", file).succeeds();
    Path out = temp.resolve("out");
    export(file, "--out", out);
    JsonNode ours = greedy(out);
    assertThat(ours).isEqualTo(greedy(TinyRun.finished()));
    assertTransformersAgrees(out, "", ours);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{ lora: { rank: 4 } }",
        "{ prompt: { virtual-tokens: 4 } }",
        "{ prefix: { virtual-tokens: 4, init: { text: list map } } }"
      })
  @EnabledIfEnvironmentVariable(
      named = "SLIPWAY_PYTHON",
      matches = ".+",
      disabledReason = "needs a Python with reference/requirements.txt")
  void anAdapterGoesOutBesideItsModelOrMerged(String tune) throws Exception {
    Path run = tuned(tune);
    JsonNode ours = greedy(run);
    Path beside = temp.resolve("beside");
    export(run, "--unmerged", "--out", beside);
    assertThat(greedy(beside, "--adapter", beside.resolve("adapter")).path("ids"))
        .isEqualTo(ours.path("ids"));
    assertTransformersAgrees(beside, beside.resolve("adapter").toString(), ours);
    Path merged = temp.resolve("merged");
    if (tune.contains("lora")) {
      export(run, "--out", merged, "--max-shard-size", "20KB");
      assertThat(greedy(merged).path("ids")).isEqualTo(ours.path("ids"));
      assertTransformersAgrees(merged, "", ours);
    } else {
      Cli.run("export", run, "--format", "huggingface", "--out", merged)
          .fails(3, "adapter.not-mergeable");
      assertThat(merged).doesNotExist();
    }
  }

  @Test
  void anEncoderKeepsItsPoolingAndWords() {
    Path model =
        Cli.root().resolve("core/src/test/resources/dev/slipway/model/pretrained/sentence-several");
    Path out = temp.resolve("out");
    export(model, "--out", out, "--max-shard-size", "3KB");
    Path text = TinyRun.write(temp.resolve("text.txt"), "the ship is new\nthe old keel\n");
    JsonNode before = Cli.run("embed", model, "--text", text, "--json").succeeds().json();
    JsonNode after = Cli.run("embed", out, "--text", text, "--json").succeeds().json();
    JsonNode expected = before.path("embeddings");
    assertThat(expected.size()).isEqualTo(2);
    for (int row = 0; row < 2; row++) {
      for (int i = 0; i < expected.path(row).size(); i++) {
        assertThat(after.path("embeddings").path(row).path(i).asDouble())
            .isCloseTo(expected.path(row).path(i).asDouble(), within(1e-6));
      }
    }
  }

  @Test
  void whatDoesNotGoTogetherIsRefused() {
    Path out = temp.resolve("out");
    Cli.run("export", TinyRun.finished(), "--format", "onnx", "--out", out)
        .fails(2, "export.unknown-format", "gguf or huggingface");
    Cli.run("export", TinyRun.finished(), "--format", "huggingface", "--type", "q8_0", "--out", out)
        .fails(2, "export.unknown-type", "f32, f16, bf16");
    Cli.run(
            "export",
            TinyRun.finished(),
            "--format",
            "huggingface",
            "--max-shard-size",
            "much",
            "--out",
            out)
        .fails(2, "export.shard-size", "5GB");
    Cli.run("export", TinyRun.finished(), "--format", "huggingface", "--unmerged", "--out", out)
        .fails(3, "adapter.missing-file", "--adapter");
    assertThat(out).doesNotExist();
  }
}
