package dev.slipway.tokenizer;

import dev.slipway.base.AtomicFiles;
import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Opens and writes tokenizers in Hugging Face's layout. */
public final class Tokenizers {
  private static final String FILE = "tokenizer.json";
  private static final long LARGEST_FILE = 256L << 20;
  private static final List<String> MODEL_TYPES =
      List.of("BPE", "WordPiece", "WordLevel", "Unigram");

  private Tokenizers() {}

  /**
   * The tokenizer of a model's folder, or of a {@code tokenizer.json}. A byte-level BPE is applied
   * by {@link BpeTokenizer}, any other kind by Hugging Face's own library, with the same contract.
   *
   * @throws SlipwayException when the file is missing, unreadable, larger than 256 MB, or no
   *     tokenizer, or what lies beside it in a folder is broken
   */
  public static Tokenizer open(Path folderOrFile) {
    boolean folder = Files.isDirectory(folderOrFile);
    Path file = folder ? folderOrFile.resolve(FILE) : folderOrFile;
    Tokenizer tokenizer = of(read(file), file.toString());
    if (folder) {
      // Whoever asks for no roles is to hear of a broken file all the same.
      var _ = SpecialTokens.of(folderOrFile);
    }
    return tokenizer;
  }

  /**
   * The tokenizer that a {@code tokenizer.json} describes.
   *
   * @param json the content of the file
   * @param source what an error calls it, such as its path
   */
  public static Tokenizer of(String json, String source) {
    JsonNode root = Json.parse(json, source);
    JsonNode model = root.path("model");
    if (!model.isObject() || !model.has("vocab")) {
      throw malformed(source, "it has no \"model\" with a \"vocab\"", null);
    }
    String type = model.path("type").asString("BPE");
    if (!MODEL_TYPES.contains(type)) {
      throw malformed(
          source, "its model is of the type " + type + ", known are " + MODEL_TYPES, null);
    }
    BpeModel bpe = TokenizerJson.readByteLevelBpe(root);
    return bpe == null ? ForeignTokenizer.of(json, root, source) : new BpeTokenizer(bpe);
  }

  /**
   * Writes {@code tokenizer.json}, {@code tokenizer_config.json} and {@code
   * special_tokens_map.json}, with which {@code transformers} opens the folder.
   *
   * @param contextLength how many ids the model takes
   */
  public static void write(Tokenizer tokenizer, Path folder, int contextLength) {
    AtomicFiles.write(folder.resolve(FILE), tokenizer.json());
    AtomicFiles.write(
        folder.resolve("tokenizer_config.json"), configJson(tokenizer, contextLength));
    AtomicFiles.write(folder.resolve("special_tokens_map.json"), specialTokensMapJson(tokenizer));
  }

  /** The content of {@code tokenizer_config.json}. */
  public static String configJson(Tokenizer tokenizer, int contextLength) {
    ObjectNode config = Json.object();
    config.put("tokenizer_class", "PreTrainedTokenizerFast");
    config.put("model_max_length", contextLength);
    config.put("clean_up_tokenization_spaces", false);
    config.put("add_prefix_space", false);
    putRoles(config, tokenizer);
    return Json.write(config);
  }

  /** The content of {@code special_tokens_map.json}. */
  public static String specialTokensMapJson(Tokenizer tokenizer) {
    ObjectNode map = Json.object();
    putRoles(map, tokenizer);
    return Json.write(map);
  }

  // One token begins, ends and pads: the first special one.
  private static void putRoles(ObjectNode target, Tokenizer tokenizer) {
    if (!tokenizer.specialIds().isEmpty()) {
      String token = tokenizer.token(tokenizer.specialIds().getFirst());
      for (String role : new String[] {"bos_token", "eos_token", "unk_token", "pad_token"}) {
        target.put(role, token);
      }
    }
  }

  private static String read(Path file) {
    try {
      if (!Files.isRegularFile(file)) {
        throw new SlipwayException(
            Exit.INPUT,
            "tokenizer.missing",
            "there is no file " + file,
            "name a tokenizer.json, or a model's folder that holds one");
      }
      long size = Files.size(file);
      if (size > LARGEST_FILE) {
        throw new SlipwayException(
            Exit.INPUT,
            "tokenizer.too-large",
            file + " has " + (size >> 20) + " MB, a tokenizer.json at most " + (LARGEST_FILE >> 20),
            "check that it is the right file");
      }
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw malformed(file.toString(), "it is not UTF-8", e);
    } catch (IOException e) {
      throw new SlipwayException(
          Exit.INPUT,
          "tokenizer.unreadable",
          file + " can't be read (" + e.getMessage() + ")",
          "check its permissions",
          e);
    }
  }

  static SlipwayException malformed(String source, String why, @Nullable Throwable cause) {
    return new SlipwayException(
        Exit.INPUT,
        "tokenizer.malformed",
        source + " is no tokenizer.json: " + why,
        "fetch it again or take the one that the model came with",
        cause);
  }
}
