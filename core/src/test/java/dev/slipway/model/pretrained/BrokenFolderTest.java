package dev.slipway.model.pretrained;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.model.decoder.Checkpoint;
import dev.slipway.model.decoder.DecoderConfig;
import dev.slipway.model.decoder.MappedWeights;
import dev.slipway.model.gpt.SpecialIds;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.weights.SafeTensors;
import dev.slipway.weights.ShardedWeights;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

/** Folders that don't hold what they should are refused by one sentence. */
class BrokenFolderTest {
  @TempDir private Path temp;

  private static void refused(Path folder, String code, String... words) {
    assertThatThrownBy(() -> PretrainedDecoder.open(folder, DType.FLOAT32).close())
        .isInstanceOfSatisfying(
            SlipwayException.class,
            problem -> {
              assertThat(problem.code()).isEqualTo(code);
              assertThat(problem.getMessage()).contains(words).doesNotContain("\n");
            });
  }

  private Path folder(String name) {
    return OpenModels.named(name).folder(temp);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "llama | {model_type: mamba} | model.unknown-architecture | mamba",
        "llama | {model_type: mamba} | model.unknown-architecture | gemma3_text, gpt2, llama, mistral, qwen2, qwen3, qwen3_moe",
        "llama | {model_type: null, architectures: [MambaForCausalLM]} | model.unknown-architecture | MambaForCausalLM",
        "llama | {quantization_config: {quant_method: gptq}} | model.unsupported-setting | gptq",
        "llama | {hidden_act: xielu} | model.unsupported-setting | xielu",
        "llama | {hidden_size: null} | model.bad-config | hidden_size",
        "llama | {hidden_size: big} | model.bad-config | big",
        "llama | {num_hidden_layers: 1000000000} | model.bad-config | at most 10000",
        "llama | {num_hidden_layers: 1000} | weights.missing-tensor | 1000 layers",
        "qwen3-moe | {num_experts: 1000000000} | model.bad-config | at most 4096",
        "llama | {num_hidden_layers: -1} | model.bad-config | number of layers",
        "llama | {num_hidden_layers: 3} | weights.missing-tensor | model.layers.2",
        "llama | {num_hidden_layers: 1} | weights.surplus-tensor | model.layers.1",
        "llama | {num_key_value_heads: 3} | model.bad-config | 3 key-value heads",
        "llama | {num_key_value_heads: 4} | weights.wrong-shape | k_proj",
        "llama | {vocab_size: 47} | weights.wrong-shape | '[48, 32], expected [47, 32]'",
        "llama | {head_dim: 7} | model.bad-config | 7",
        "llama | {model_type: bert} | model.unknown-architecture | slipway embed",
        "llama | {model_type: mamba} | model.unknown-architecture | bert and roberta",
        "llama | {rms_norm_eps: -1} | model.bad-config | rms_norm_eps",
        "gpt2 | {layer_norm_epsilon: -0.5} | model.bad-config | layer_norm_epsilon",
        "llama | {rope_parameters: {rope_theta: -1}} | model.bad-config | rope_theta",
        "llama | {rms_norm_eps: no} | model.bad-config | rms_norm_eps",
        "llama | {tie_word_embeddings: 1} | model.bad-config | tie_word_embeddings",
        "llama | {rope_parameters: {rope_type: warp, factor: 2}} | model.unsupported-setting | warp",
        "llama | {rope_parameters: {rope_type: linear}} | model.bad-config | factor",
        "llama | {rope_parameters: 7} | model.bad-config | rope_parameters",
        "llama | {partial_rotary_factor: 0.5} | model.unsupported-setting | partial_rotary_factor",
        "llama-longrope | {rope_parameters: {rope_type: longrope, factor: 2, short_factor: [1]}} | model.bad-config | longrope",
        "gpt2 | {add_cross_attention: true} | model.unsupported-setting | add_cross_attention",
        "gpt2 | {n_head: 5} | model.bad-config | n_head",
        "mistral | {sliding_window: 0} | model.bad-config | sliding_window",
        "qwen2 | {layer_types: [full_attention]} | model.bad-config | layer_types",
        "qwen2 | {layer_types: [full_attention, linear_attention]} | model.unsupported-setting | linear_attention",
        "qwen2 | {layer_types: [full_attention, sliding_attention]} | model.bad-config | sliding_window",
        "qwen3-moe | {num_experts_per_tok: 9} | model.bad-config | 9 of 4 experts",
        "qwen3-moe | {decoder_sparse_step: 0} | model.bad-config | decoder_sparse_step",
        "gemma3 | {use_bidirectional_attention: true} | model.unsupported-setting | use_bidirectional_attention"
      })
  void aWrongConfigurationIsRefused(String name, String change, String code, String word)
      throws IOException {
    Path folder = folder(name);
    Path file = folder.resolve("config.json");
    ObjectNode config = (ObjectNode) Json.read(file);
    String quoted = change.replaceAll("([A-Za-z_][A-Za-z0-9_]*)", "\"$1\"");
    String json = quoted.replaceAll("\"(true|false|null)\"", "$1");
    config.setAll((ObjectNode) Json.parse(json, "the change"));
    Files.writeString(file, Json.write(config), StandardCharsets.UTF_8);
    refused(folder, code, word);
  }

  @Test
  void weightsThatAreAPickleAloneAreCalledSo() throws IOException {
    Path folder = folder("llama");
    Files.move(folder.resolve("model.safetensors"), folder.resolve("pytorch_model.bin"));
    refused(folder, "weights.not-safetensors", "pytorch_model.bin", "save_pretrained");
  }

  @Test
  void settingsOfGenerationAreAnObject() throws IOException {
    Path folder = folder("llama");
    Files.writeString(folder.resolve("generation_config.json"), "[]");
    assertThatThrownBy(() -> PretrainedDecoder.specialIds(folder))
        .hasMessageContaining("generation_config.json is no JSON object");
  }

  /** As GPT-2's defaults are in a configuration of another vocabulary. */
  @Test
  void specialIdsBeyondTheVocabularyAreNone() throws IOException {
    Path folder = folder("llama");
    Files.writeString(
        folder.resolve("generation_config.json"),
        "{\"bos_token_id\": 50256, \"eos_token_id\": [2, 50256], \"pad_token_id\": 48}");
    assertThat(PretrainedDecoder.specialIds(folder))
        .isEqualTo(new SpecialIds(null, List.of(2), null));
  }

  /** Writes a folder's weights again after a change. */
  private Path changed(String name, Consumer<Map<String, Tensor>> change) {
    Path folder = folder(name);
    Path file = folder.resolve("model.safetensors");
    try (Scope _ = Scope.open()) {
      Map<String, Tensor> tensors = new TreeMap<>();
      try (SafeTensors stored = SafeTensors.open(file)) {
        stored.names().forEach(key -> tensors.put(key, stored.tensor(key).copy()));
      }
      change.accept(tensors);
      SafeTensors.write(file, tensors, DType.FLOAT32);
    }
    return folder;
  }

  @Test
  void missingSurplusAndDivergedTensorsAreNamed() {
    refused(
        changed("llama", tensors -> tensors.remove("model.norm.weight")),
        "weights.missing-tensor",
        "model.norm.weight");
    refused(
        changed("llama", tensors -> tensors.remove("lm_head.weight")),
        "weights.missing-tensor",
        "lm_head.weight");
    refused(
        changed("qwen2", tensors -> tensors.put("model.extra", Tensor.zeros(DType.FLOAT32, 2))),
        "weights.surplus-tensor",
        "model.extra");
    for (double value : new double[] {Double.NaN, Double.NEGATIVE_INFINITY}) {
      refused(
          changed(
              "gpt2",
              tensors ->
                  Objects.requireNonNull(tensors.get("transformer.h.1.mlp.c_fc.weight"))
                      .narrow(0, 3, 1)
                      .fillInPlace(value)),
          "weights.not-finite",
          "transformer.h.1.mlp.c_fc.weight");
    }
  }

  @Test
  void aSumThatOverflowsIsNoLackOfNumbers() {
    Path folder =
        changed(
            "llama",
            tensors -> Objects.requireNonNull(tensors.get("lm_head.weight")).fillInPlace(3e38));
    PretrainedDecoder.open(folder, DType.FLOAT32).close();
  }

  @Test
  void brokenAndMissingFilesAreNamed() throws IOException {
    refused(temp.resolve("nowhere"), "model.missing", "nowhere");
    Path folder = folder("llama");
    Files.writeString(folder.resolve("config.json"), "{\"model_type\": ", StandardCharsets.UTF_8);
    refused(folder, "json.malformed", "config.json");
    Files.delete(folder.resolve("config.json"));
    refused(folder, "model.missing-file", "config.json");
    folder = folder("llama");
    Files.write(
        folder.resolve("model.safetensors"), "PK\003\004".getBytes(StandardCharsets.ISO_8859_1));
    refused(folder, "weights.not-safetensors", "pickle");
    Files.delete(folder.resolve("model.safetensors"));
    refused(folder, "weights.missing", "model.safetensors");
    folder = folder("llama-sharded");
    String shard =
        OpenModels.named("llama-sharded").files().keySet().stream()
            .filter(file -> file.startsWith("model-00002-of-"))
            .findFirst()
            .orElseThrow();
    Files.delete(folder.resolve(shard));
    refused(folder, "weights.missing", shard);
  }

  /** What is stored in the type that is computed with is the mapped file itself. */
  @ParameterizedTest
  @CsvSource({"llama, FLOAT32, true", "llama-bf16, BFLOAT16, true", "llama-fp16, FLOAT32, false"})
  void weightsAreTheMappedFile(String name, DType type, boolean same) {
    Path folder = folder(name);
    DecoderConfig config = PretrainedDecoder.config(folder);
    try (Scope _ = Scope.open();
        ShardedWeights file = ShardedWeights.open(folder);
        MappedWeights weights = new MappedWeights(Checkpoint.check(file, config, name), type)) {
      for (ParameterSpec spec : config.parameters()) {
        if (spec.role() != ParameterSpec.Role.VECTOR) {
          long stored = file.tensor(spec.name()).segment().address();
          assertThat(weights.operand(spec.name()).segment().address() == stored)
              .as(spec.name())
              .isEqualTo(same);
          assertThat(weights.table(spec.name()).dtype()).isEqualTo(type);
        }
      }
    }
  }
}
