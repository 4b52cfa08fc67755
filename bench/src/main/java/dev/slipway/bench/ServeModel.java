package dev.slipway.bench;

import dev.slipway.base.Json;
import dev.slipway.tensor.DType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes a model folder of the 110 M Llama shape (Karpathy's llama2.c: C 768, 12 layers, 12 heads,
 * F 2048, V 32,000, tied) with random weights in bfloat16 from a seed, and a byte-level BPE
 * tokenizer of that many tokens.
 */
final class ServeModel {
  static final int VOCABULARY = 32_000;

  private ServeModel() {}

  static void write(Path folder, long seed) throws IOException {
    Files.createDirectories(folder);
    write(folder, "tokenizer.json", tokenizer());
    write(
        folder,
        "tokenizer_config.json",
        Json.object()
            .put("tokenizer_class", "PreTrainedTokenizerFast")
            .put("eos_token", "<|endoftext|>")
            .put("bos_token", "<|endoftext|>"));
    write(
        folder,
        "generation_config.json",
        Json.object().put("eos_token_id", VOCABULARY - 1).put("bos_token_id", VOCABULARY - 1));
    ObjectNode config = LlamaFolder.config(VOCABULARY, 768, 2048, 12, 12, DType.BFLOAT16);
    config.put("rms_norm_eps", 1e-5);
    config.put("rope_theta", 10_000);
    config.put("tie_word_embeddings", true);
    config.put("bos_token_id", VOCABULARY - 1);
    config.put("eos_token_id", VOCABULARY - 1);
    LlamaFolder.write(folder, config, DType.BFLOAT16, seed);
  }

  private static void write(Path folder, String name, ObjectNode document) throws IOException {
    Files.writeString(folder.resolve(name), Json.write(document), StandardCharsets.UTF_8);
  }

  /** Bytes, all pairs of small letters, and pairs of those pairs until there are enough. */
  private static ObjectNode tokenizer() {
    Map<String, Integer> vocabulary = new LinkedHashMap<>();
    int beyond = 256;
    for (int b = 0; b < 256; b++) {
      // GPT-2's characters for bytes: printable ones stand for themselves.
      boolean itself = b >= '!' && b <= '~' || b >= 0xA1 && b <= 0xAC || b >= 0xAE;
      vocabulary.put(Character.toString(itself ? b : beyond++), b);
    }
    List<String> merges = new ArrayList<>();
    List<String> pairs = new ArrayList<>();
    for (char first = 'a'; first <= 'z'; first++) {
      for (char second = 'a'; second <= 'z'; second++) {
        merges.add(first + " " + second);
        pairs.add("" + first + second);
        vocabulary.put("" + first + second, vocabulary.size());
      }
    }
    for (int i = 0; vocabulary.size() < VOCABULARY - 1; i++) {
      String first = pairs.get(i / pairs.size());
      String second = pairs.get(i % pairs.size());
      merges.add(first + " " + second);
      vocabulary.put(first + second, vocabulary.size());
    }
    ObjectNode tokenizer = Json.object();
    tokenizer.put("version", "1.0");
    tokenizer
        .putArray("added_tokens")
        .addObject()
        .put("id", VOCABULARY - 1)
        .put("content", "<|endoftext|>")
        .put("single_word", false)
        .put("lstrip", false)
        .put("rstrip", false)
        .put("normalized", false)
        .put("special", true);
    tokenizer.putNull("normalizer");
    tokenizer.set("pre_tokenizer", byteLevel());
    tokenizer.putNull("post_processor");
    tokenizer.set("decoder", byteLevel());
    ObjectNode model = tokenizer.putObject("model");
    model.put("type", "BPE");
    model.putNull("unk_token");
    ObjectNode entries = model.putObject("vocab");
    vocabulary.forEach(entries::put);
    ArrayNode order = model.putArray("merges");
    merges.forEach(order::add);
    return tokenizer;
  }

  private static ObjectNode byteLevel() {
    return Json.object()
        .put("type", "ByteLevel")
        .put("add_prefix_space", false)
        .put("trim_offsets", true)
        .put("use_regex", true);
  }
}
