package dev.slipway.model.pretrained;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.model.ConfigFile;
import dev.slipway.model.ModelFiles;
import dev.slipway.model.gguf.GgufModel;
import dev.slipway.tokenizer.SpecialTokens;
import dev.slipway.tokenizer.Tokenizer;
import dev.slipway.tokenizer.Tokenizers;
import dev.slipway.tokenizer.chat.ChatTemplates;
import dev.slipway.tokenizer.chat.TextFingerprint;
import dev.slipway.weights.Residence;
import dev.slipway.weights.ShardedWeights;
import dev.slipway.weights.WeightSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A model as a folder in Hugging Face's layout.
 *
 * @param residence where its weights are opened
 */
public record ModelFolder(Path folder, Residence residence) implements ModelFiles {
  private static final String GENERATION = "generation_config.json";

  /** With mapped weights. */
  public ModelFolder(Path folder) {
    this(folder, Residence.MAPPED);
  }

  /** What a path leads to: a GGUF file, else a folder. */
  public static ModelFiles at(Path path) {
    return GgufModel.is(path) ? GgufModel.open(path) : new ModelFolder(path);
  }

  /**
   * The tokenizer at a path: a model's folder, a {@code tokenizer.json}, or a GGUF file, also one
   * that has nothing else.
   */
  public static Tokenizer tokenizer(Path path) {
    return GgufModel.is(path) ? GgufModel.tokenizer(path) : Tokenizers.open(path);
  }

  /**
   * @param folder as it is called in the error
   * @param ids that the tokenizer may give
   * @throws SlipwayException {@code model.tokenizer-mismatch} where the model lacks some of them
   */
  public static void requireFitting(Path folder, int ids, int vocabulary) {
    if (ids > vocabulary) {
      throw new SlipwayException(
          Exit.INPUT,
          "model.tokenizer-mismatch",
          folder
              + " has a tokenizer with "
              + ids
              + " ids, expected at most the model's "
              + vocabulary,
          "put the tokenizer.json there that the model was trained with");
    }
  }

  /** The chat templates at a path: a model's folder or a GGUF file. */
  public static ChatTemplates chatTemplates(Path path) {
    return at(path).chatTemplates();
  }

  @Override
  public String name() {
    return folder.toString();
  }

  @Override
  public String configName() {
    return folder.resolve(ConfigFile.NAME).toString();
  }

  @Override
  public JsonNode config() {
    return ConfigFile.read(folder);
  }

  @Override
  public @Nullable JsonNode generationConfig() {
    Path generation = folder.resolve(GENERATION);
    if (!Files.isRegularFile(generation)) {
      return null;
    }
    JsonNode json = Json.read(generation);
    if (!json.isObject()) {
      throw new SlipwayException(
          Exit.INPUT,
          "model.bad-config",
          generation + " is no JSON object, expected one with eos_token_id and the like",
          "put back the one that belongs to the model, or remove it");
    }
    return json;
  }

  @Override
  public Tokenizer tokenizer() {
    return Tokenizers.open(folder);
  }

  @Override
  public SpecialTokens specialTokens() {
    return SpecialTokens.of(folder);
  }

  @Override
  public @Nullable TextFingerprint recordedFingerprint() {
    return TextFingerprint.recorded(folder);
  }

  @Override
  public boolean hasChatTemplates() {
    return ChatTemplates.in(folder);
  }

  @Override
  public ChatTemplates chatTemplates() {
    return ChatTemplates.open(folder);
  }

  @Override
  public ModelFiles in(Residence where) {
    return new ModelFolder(folder, where);
  }

  @Override
  public WeightSource openWeights() {
    requireSafeTensors();
    return ShardedWeights.open(folder, residence);
  }

  /** Old models are published as pickles alone. */
  private void requireSafeTensors() {
    boolean safe =
        Files.exists(folder.resolve("model.safetensors"))
            || Files.exists(folder.resolve("model.safetensors.index.json"));
    for (String pickle : List.of("pytorch_model.bin", "pytorch_model.bin.index.json")) {
      if (!safe && Files.exists(folder.resolve(pickle))) {
        throw new SlipwayException(
            Exit.INPUT,
            "weights.not-safetensors",
            folder
                + " has its weights in "
                + pickle
                + ", a Python pickle, expected model.safetensors; a pickle can run code, so none is read",
            "convert it where you trust it: transformers' save_pretrained writes safetensors");
      }
    }
  }

  @Override
  public Instant modified() {
    try {
      return Files.getLastModifiedTime(folder.resolve(ConfigFile.NAME)).toInstant();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
