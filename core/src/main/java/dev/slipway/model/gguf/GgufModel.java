package dev.slipway.model.gguf;

import dev.slipway.base.Json;
import dev.slipway.model.ModelFiles;
import dev.slipway.tokenizer.SpecialTokens;
import dev.slipway.tokenizer.Tokenizer;
import dev.slipway.tokenizer.Tokenizers;
import dev.slipway.tokenizer.chat.ChatTemplates;
import dev.slipway.tokenizer.chat.TextFingerprint;
import dev.slipway.weights.Residence;
import dev.slipway.weights.WeightSource;
import dev.slipway.weights.gguf.GgufFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A GGUF file as a model. Its configuration, tokenizer and templates are what the Hugging Face
 * folder had that it was made from; quantized weights are dequantised as ggml does it.
 */
public final class GgufModel implements ModelFiles {
  /** The text fingerprint of the model that a file was exported from. */
  static final String FINGERPRINT = "slipway.text_fingerprint";

  /** That of the file itself, whose tokenizer is spelled as llama.cpp has it. */
  static final String FINGERPRINT_HERE = "slipway.text_fingerprint_here";

  private final Path path;
  private final GgufMetadata metadata;
  private final JsonNode config;
  private final Residence residence;

  private GgufModel(Path path, GgufMetadata metadata, JsonNode config, Residence residence) {
    this.residence = residence;
    this.path = path;
    this.metadata = metadata;
    this.config = config;
  }

  /** Whether a path is a file that begins as GGUF does, or is called so. */
  public static boolean is(Path path) {
    if (!Files.isRegularFile(path)) {
      return false;
    }
    if (path.toString().endsWith(".gguf")) {
      return true;
    }
    try (InputStream in = Files.newInputStream(path)) {
      return new String(in.readNBytes(4), StandardCharsets.ISO_8859_1).equals("GGUF");
    } catch (IOException e) {
      return false; // whoever opens it says what is wrong
    }
  }

  /** Reads a file's header. */
  public static GgufModel open(Path path) {
    try (GgufFile file = GgufFile.open(path)) {
      GgufMetadata metadata = new GgufMetadata(file.metadata(), file.name());
      GgufArchitecture architecture = GgufArchitecture.of(metadata.architecture(), metadata.name());
      return new GgufModel(
          path, metadata, GgufConfig.of(file, metadata, architecture), Residence.MAPPED);
    }
  }

  /** The tokenizer of a file, which may be a vocabulary alone, of any architecture. */
  public static Tokenizer tokenizer(Path path) {
    try (GgufFile file = GgufFile.open(path)) {
      return tokenizer(new GgufMetadata(file.metadata(), file.name()));
    }
  }

  private static Tokenizer tokenizer(GgufMetadata metadata) {
    return Tokenizers.of(Json.line(new GgufTokenizer(metadata).json()), metadata.name());
  }

  @Override
  public String name() {
    return path.toString();
  }

  @Override
  public String configName() {
    return name();
  }

  @Override
  public JsonNode config() {
    return config;
  }

  @Override
  public JsonNode generationConfig() {
    return new GgufTokenizer(metadata).generationConfig();
  }

  /** The fingerprint of what is in a file, which may be a vocabulary alone. */
  static TextFingerprint fingerprintHere(Path path) {
    try (GgufFile file = GgufFile.open(path)) {
      GgufMetadata metadata = new GgufMetadata(file.metadata(), file.name());
      return new GgufModel(path, metadata, Json.object(), Residence.MAPPED).fingerprintHere();
    }
  }

  private TextFingerprint fingerprintHere() {
    return ModelFiles.super.textFingerprint(tokenizer());
  }

  /** That of the model that it was exported from, but for parts that were changed since. */
  @Override
  public TextFingerprint textFingerprint(Tokenizer tokenizer) {
    TextFingerprint now = ModelFiles.super.textFingerprint(tokenizer);
    TextFingerprint source = recordedFingerprint();
    TextFingerprint then = recorded(FINGERPRINT_HERE);
    return source == null || then == null ? now : source.changed(then, now);
  }

  @Override
  public @Nullable TextFingerprint recordedFingerprint() {
    return recorded(FINGERPRINT);
  }

  private @Nullable TextFingerprint recorded(String key) {
    String json = metadata.text(key, "");
    return json.isEmpty() ? null : Json.parse(json, name() + "'s " + key, TextFingerprint.class);
  }

  @Override
  public Tokenizer tokenizer() {
    return tokenizer(metadata);
  }

  /** How a sentence's vector is made: {@code mean}, {@code cls}, {@code last}; empty if unsaid. */
  public String pooling() {
    return switch (metadata.number(".pooling_type", 0)) {
      case 1 -> "mean";
      case 2 -> "cls";
      case 3 -> "lasttoken";
      default -> "";
    };
  }

  /** {@code tokenizer_config.json}, with the chat templates. */
  public ObjectNode tokenizerConfig() {
    return new GgufTokenizer(metadata).config();
  }

  @Override
  public SpecialTokens specialTokens() {
    return SpecialTokens.of(tokenizerConfig());
  }

  @Override
  public boolean hasChatTemplates() {
    return metadata.has("tokenizer.chat_template") || metadata.has("tokenizer.chat_templates");
  }

  @Override
  public ChatTemplates chatTemplates() {
    return ChatTemplates.of(tokenizerConfig(), name());
  }

  @Override
  public ModelFiles in(Residence where) {
    return new GgufModel(path, metadata, config, where);
  }

  @Override
  public WeightSource openWeights() {
    GgufFile file = GgufFile.open(path, residence);
    try {
      GgufArchitecture architecture = GgufArchitecture.of(metadata.architecture(), file.name());
      int heads = metadata.required(".attention.head_count");
      return new GgufWeights(
          file, architecture, heads, metadata.number(".attention.head_count_kv", heads));
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  @Override
  public Instant modified() {
    try {
      return Files.getLastModifiedTime(path).toInstant();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
