package dev.slipway.model.pretrained;

import dev.slipway.base.Json;
import dev.slipway.model.encoder.Pooling;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What makes a folder with an encoder and its tokenizer one that sentence-transformers opens. */
public final class SentenceFolder {
  private SentenceFolder() {}

  /**
   * Writes {@code modules.json} and what it names: the encoder in the folder itself, a pooling, and
   * vectors brought to length 1.
   *
   * @param width of the encoder's hidden states
   * @param longest most tokens of a text, special ones included
   */
  public static void write(Path folder, Pooling pooling, int width, int longest)
      throws IOException {
    ArrayNode modules = Json.array();
    module(modules, "", "Transformer");
    module(modules, "1_Pooling", "Pooling");
    module(modules, "2_Normalize", "Normalize");
    write(folder.resolve("modules.json"), modules);
    ObjectNode pool = Json.object().put("word_embedding_dimension", width);
    for (Pooling.Mode mode : Pooling.Mode.values()) {
      pool.put(mode.oldKey(), pooling.modes().contains(mode));
    }
    pool.put("include_prompt", true);
    Files.createDirectories(folder.resolve("1_Pooling"));
    write(folder.resolve("1_Pooling").resolve("config.json"), pool);
    Files.createDirectories(folder.resolve("2_Normalize"));
    write(
        folder.resolve("sentence_bert_config.json"),
        Json.object().put("max_seq_length", longest).put("do_lower_case", false));
    ObjectNode settings = Json.object();
    settings.putObject("prompts");
    settings.putNull("default_prompt_name").put("similarity_fn_name", "cosine");
    write(folder.resolve("config_sentence_transformers.json"), settings);
  }

  private static void module(ArrayNode modules, String path, String kind) {
    modules
        .addObject()
        .put("idx", modules.size() - 1)
        .put("name", String.valueOf(modules.size() - 1))
        .put("path", path)
        .put("type", "sentence_transformers.models." + kind);
  }

  private static void write(Path file, JsonNode json) throws IOException {
    Files.write(file, Json.write(json).getBytes(StandardCharsets.UTF_8));
  }
}
