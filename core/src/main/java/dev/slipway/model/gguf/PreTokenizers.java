package dev.slipway.model.gguf;

import dev.slipway.base.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * How byte-level BPE vocabularies divide a text into words, by the names that llama.cpp has for
 * that ({@code tokenizer.ggml.pre}).
 */
final class PreTokenizers {
  /** GPT-2's own pattern, which Hugging Face's ByteLevel has built in. */
  static final String GPT2 =
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)";

  /**
   * One way.
   *
   * @param names that stand for it, the one to write first
   * @param patterns each divides the pieces that the one before it left
   * @param ignoreMerges whether a piece that is a token needs no merges
   * @param addBos whether texts begin with a token, unless the file says otherwise
   * @param addSep whether they end with one
   */
  record Kind(
      List<String> names,
      List<String> patterns,
      boolean ignoreMerges,
      boolean addBos,
      boolean addSep) {
    Kind {
      names = List.copyOf(names);
      patterns = List.copyOf(patterns);
    }
  }

  private PreTokenizers() {}

  static @Nullable Kind named(String name) {
    for (Kind kind : all()) {
      if (kind.names.contains(name)) {
        return kind;
      }
    }
    return null;
  }

  static List<Kind> all() {
    List<Kind> kinds = new ArrayList<>();
    for (JsonNode entry : read()) {
      kinds.add(
          new Kind(
              texts(entry.path("names")),
              texts(entry.path("patterns")),
              entry.path("ignore_merges").asBoolean(false),
              entry.path("add_bos").asBoolean(false),
              entry.path("add_sep").asBoolean(false)));
    }
    return kinds;
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(each -> texts.add(each.asString()));
    return texts;
  }

  private static JsonNode read() {
    String file = "pre-tokenizers.json";
    try (InputStream in = PreTokenizers.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalStateException(file + " is missing beside the class");
      }
      return Json.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8), file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
