package dev.slipway.model.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.model.decoder.DecoderNetwork;
import dev.slipway.model.pretrained.Export;
import dev.slipway.model.pretrained.ModelFolder;
import dev.slipway.model.pretrained.OpenModels;
import dev.slipway.model.pretrained.PretrainedDecoder;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** From a folder to a GGUF file and back: the logits stay those that transformers gives. */
class GgufExportTest {
  private static final int TOKENS = 48;

  @TempDir Path parent;

  /** A tokenizer of so many tokens: bytes that stand for themselves, one that ends. */
  private static String tokenizer(String end) {
    ObjectNode root = Json.object();
    ArrayNode added = root.putArray("added_tokens");
    ObjectNode last = added.addObject().put("id", TOKENS - 1).put("content", end);
    for (String flag : new String[] {"single_word", "lstrip", "rstrip", "normalized"}) {
      last.put(flag, false);
    }
    last.put("special", true);
    for (String part : new String[] {"pre_tokenizer", "decoder"}) {
      ObjectNode level = root.putObject(part).put("type", "ByteLevel");
      level.put("add_prefix_space", false).put("trim_offsets", true).put("use_regex", true);
    }
    ObjectNode model = root.putObject("model").put("type", "BPE");
    ObjectNode vocabulary = model.putObject("vocab");
    for (int i = 0; i < TOKENS - 2; i++) {
      vocabulary.put(String.valueOf((char) ('A' + i)), i);
    }
    vocabulary.put("ab", TOKENS - 2);
    model.putArray("merges").addArray().add("a").add("b");
    return Json.line(root);
  }

  private Path folder(String name) throws IOException {
    Path folder = OpenModels.named(name).folder(parent);
    Files.writeString(folder.resolve("tokenizer.json"), tokenizer("<|endoftext|>"));
    return folder;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "llama",
        "llama-tied",
        "llama-attention-bias",
        "llama-mlp-bias",
        "llama-heads",
        "llama-head-dim",
        "llama-linear",
        "llama-llama3",
        "llama-yarn",
        "llama-bf16",
        "llama-sharded",
        "gpt2",
        "gpt2-untied",
        "gpt2-inner",
        "mistral",
        "mistral-window",
        "qwen2",
        "qwen2-tied",
        "qwen3",
        "qwen3-moe-normalised"
      })
  void keepsTheLogits(String name) throws IOException {
    Path file = parent.resolve(name + ".gguf");
    Path folder = folder(name);
    Export.gguf(folder, GgufFileType.F32, name, file, (_, _) -> {});
    OpenModels.Case model = OpenModels.named(name);
    try (PretrainedDecoder opened = PretrainedDecoder.open(file, DType.FLOAT32);
        NoGrad _ = NoGrad.open();
        Scope _ = Scope.open()) {
      float[] logits = logits(opened.network(), model.ids());
      assertThat(logits).hasSameSizeAs(model.logits());
      for (int i = 0; i < logits.length; i++) {
        assertThat(logits[i]).isCloseTo(model.logits()[i], within(1e-4f));
      }
    }
  }

  private static float[] logits(DecoderNetwork network, int[] ids) {
    Tensor hidden = network.hidden(Tensor.of(ids, 1, ids.length), network.pass(ids.length));
    return network.logits(hidden).toFloats(); // (T, V)
  }

  @Test
  void keepsTheTokenizer() throws IOException {
    Path file = parent.resolve("model.gguf");
    Export.gguf(folder("gpt2"), GgufFileType.F16, "gpt2", file, (_, _) -> {});
    Tokenizer tokenizer = GgufModel.open(file).tokenizer();
    assertThat(tokenizer.vocabularySize()).isEqualTo(TOKENS);
    assertThat(tokenizer.encode("Cab<|endoftext|>")).containsExactly(2, TOKENS - 2, TOKENS - 1);
    assertThat(tokenizer.specialIds()).containsExactly(TOKENS - 1);
  }

  @Test
  void theFingerprintIsTheModelsOwnUntilTheFileIsChanged() throws IOException {
    Path file = parent.resolve("model.gguf");
    Path folder = folder("gpt2");
    Files.writeString(folder.resolve("chat_template.jinja"), "{{ messages[0].content }}");
    Export.gguf(folder, GgufFileType.F16, "gpt2", file, (_, _) -> {});
    assertThat(ModelFolder.at(file).textFingerprint())
        .isEqualTo(ModelFolder.at(folder).textFingerprint());
    ModelFolder.at(file).checkFingerprint();
    String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
    assertThat(bytes).contains("{{ messages[0].content }}");
    Files.writeString(
        file,
        bytes.replace("{{ messages[0].content }}", "{{ messages[1].content }}"),
        StandardCharsets.ISO_8859_1);
    Assertions.assertThatThrownBy(() -> ModelFolder.at(file).checkFingerprint())
        .isInstanceOfSatisfying(
            SlipwayException.class,
            e -> {
              assertThat(e.code()).isEqualTo("tokenizer.fingerprint-mismatch");
              assertThat(e.line()).contains("they differ in the chat template;");
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama-act-relu", "llama-dynamic", "gpt2-unscaled", "qwen2-window"})
  void refusesWhatLlamaCppHasNot(String name) throws IOException {
    Path file = parent.resolve("model.gguf");
    Path folder = folder(name);
    Assertions.assertThatThrownBy(
            () -> Export.gguf(folder, GgufFileType.F16, "x", file, (_, _) -> {}))
        .isInstanceOfSatisfying(
            SlipwayException.class,
            e -> assertThat(e.code()).isEqualTo("export.unsupported-setting"));
    assertThat(file).doesNotExist();
  }
}
