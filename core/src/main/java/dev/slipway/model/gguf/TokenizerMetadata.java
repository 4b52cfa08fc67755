package dev.slipway.model.gguf;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.model.ModelFiles;
import dev.slipway.model.gpt.SpecialIds;
import dev.slipway.tokenizer.Tokenizer;
import dev.slipway.tokenizer.chat.ChatTemplate;
import dev.slipway.weights.gguf.GgufWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A {@code tokenizer.json} as the metadata that llama.cpp reads. */
final class TokenizerMetadata {
  private static final int NORMAL = 1;
  private static final int UNKNOWN = 2;
  private static final int CONTROL = 3;
  private static final int USER_DEFINED = 4;
  private static final int UNUSED = 5;
  private static final int BYTE = 6;

  private final ModelFiles files;
  private final Tokenizer tokenizer;
  private final JsonNode json;
  private final List<String> tokens;
  private final List<Integer> types;

  /**
   * @param rows of the embedding; ids without a token are filled up
   */
  TokenizerMetadata(ModelFiles files, int rows) {
    this.files = files;
    tokenizer = files.tokenizer();
    json = Json.parse(tokenizer.json(), files.name());
    tokens = new ArrayList<>(Collections.nCopies(rows, ""));
    types = new ArrayList<>(Collections.nCopies(rows, UNUSED));
    for (int i = 0; i < rows; i++) {
      tokens.set(i, "[PAD" + i + "]");
    }
    boolean bytes = json.path("model").path("byte_fallback").asBoolean(false);
    for (Map.Entry<String, JsonNode> entry : json.path("model").path("vocab").properties()) {
      String token = entry.getKey();
      boolean isByte = bytes && token.matches("<0x[0-9A-F]{2}>");
      set(entry.getValue().asInt(), token, isByte ? BYTE : NORMAL);
    }
    String unknown = json.path("model").path("unk_token").asString("");
    for (JsonNode added : json.path("added_tokens")) {
      String token = added.path("content").asString("");
      boolean special = added.path("special").asBoolean(false);
      int type =
          special && bytes && token.equals(unknown) ? UNKNOWN : special ? CONTROL : USER_DEFINED;
      // llama.cpp looks for these in the text itself.
      set(added.path("id").asInt(), special ? token : token.replace('\u2581', ' '), type);
    }
  }

  private void set(int id, String token, int type) {
    if (id >= 0 && id < tokens.size()) {
      tokens.set(id, token);
      types.set(id, type);
    }
  }

  void writeTo(GgufWriter writer, SpecialIds special) {
    String type = json.path("model").path("type").asString("BPE");
    if (type.equals("BPE") && json.path("model").path("byte_fallback").asBoolean(false)) {
      sentencePiece(writer);
    } else if (type.equals("BPE")) {
      writer.put("tokenizer.ggml.model", "gpt2").put("tokenizer.ggml.pre", preTokenizer());
      writer.putTexts("tokenizer.ggml.merges", merges());
    } else {
      throw unsupported("a model of the type " + type);
    }
    if (new HashSet<>(tokens).size() < tokens.size()) {
      throw unsupported("a token that has two ids");
    }
    writer.putTexts("tokenizer.ggml.tokens", tokens);
    writer.putInts("tokenizer.ggml.token_type", types);
    around(writer, special);
    templates(writer);
  }

  private SlipwayException unsupported(String what) {
    return new SlipwayException(
        Exit.INPUT,
        "export.unsupported-tokenizer",
        files.name() + " has a tokenizer with " + what + ", which llama.cpp does not have",
        "export to Hugging Face's layout, or choose another model");
  }

  private List<String> merges() {
    List<String> merges = new ArrayList<>();
    for (JsonNode merge : json.path("model").path("merges")) {
      merges.add(
          merge.isArray()
              ? merge.path(0).asString("") + " " + merge.path(1).asString("")
              : merge.asString(""));
    }
    return merges;
  }

  /** The name of the way in which texts are divided into words. */
  private String preTokenizer() {
    JsonNode normalizer = json.path("normalizer");
    if (!normalizer.isMissingNode() && !normalizer.isNull() && !isOf(normalizer, "NFC")) {
      throw unsupported("a normalizer of the type " + normalizer.path("type").asString("?"));
    }
    List<String> patterns = new ArrayList<>();
    JsonNode whole = json.path("pre_tokenizer");
    JsonNode parts =
        isOf(whole, "Sequence") ? whole.path("pretokenizers") : Json.array().add(whole);
    for (JsonNode part : parts) {
      if (isOf(part, "ByteLevel") && !part.path("add_prefix_space").asBoolean(false)) {
        if (part.path("use_regex").asBoolean(true)) {
          patterns.add(PreTokenizers.GPT2);
        }
      } else if (isOf(part, "Digits") && part.path("individual_digits").asBoolean(false)) {
        patterns.add("\\p{N}");
      } else if (isOf(part, "Split") && part.path("pattern").has("Regex")) {
        patterns.add(spelled(part.path("pattern").path("Regex").asString("")));
      } else {
        throw unsupported("a pre-tokenizer of the type " + part.path("type").asString("?"));
      }
    }
    boolean ignore = json.path("model").path("ignore_merges").asBoolean(false);
    for (PreTokenizers.Kind kind : PreTokenizers.all()) {
      if (kind.ignoreMerges() == ignore
          && kind.patterns().stream().map(TokenizerMetadata::spelled).toList().equals(patterns)
          && !kind.names().contains("default")) {
        return kind.names().getFirst();
      }
    }
    throw unsupported("the pre-tokenizer " + patterns);
  }

  /** One spelling of what is written in several ways. */
  private static String spelled(String pattern) {
    return pattern
        .replace(
            "(?i:'s|'t|'re|'ve|'m|'ll|'d)",
            "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])")
        .replaceFirst("\\|\\\\s\\+\\(\\?!\\\\S\\)\\|\\\\s\\+$", "|\\\\s+(?!\\\\S)");
  }

  private static boolean isOf(JsonNode part, String type) {
    return part.path("type").asString("").equals(type);
  }

  /** A merge's rank is what SentencePiece has as a piece's score. */
  private void sentencePiece(GgufWriter writer) {
    boolean prefix = false;
    JsonNode normalizer = json.path("normalizer");
    JsonNode parts =
        isOf(normalizer, "Sequence")
            ? normalizer.path("normalizers")
            : Json.array().add(normalizer);
    for (JsonNode part : parts) {
      boolean isSpace = isOf(part, "Replace") && part.path("content").asString("").equals("\u2581");
      prefix |= isOf(part, "Prepend");
      if (!isSpace && !isOf(part, "Prepend")) {
        throw unsupported("a normalizer of the type " + part.path("type").asString("?"));
      }
    }
    writer.put("tokenizer.ggml.model", "llama").put("tokenizer.ggml.pre", "default");
    writer.put("tokenizer.ggml.add_space_prefix", prefix);
    float[] scores = new float[tokens.size()];
    List<String> merges = merges();
    Arrays.fill(scores, -merges.size() - 1f);
    Set<String> seen = new HashSet<>();
    for (int rank = 0; rank < merges.size(); rank++) {
      String made = merges.get(rank).replace(" ", "");
      int id = tokenizer.id(made);
      if (seen.add(made) && id >= 0 && id < scores.length) {
        scores[id] = -rank;
      }
    }
    writer.putFloats("tokenizer.ggml.scores", scores);
  }

  private void around(GgufWriter writer, SpecialIds special) {
    int[] bare = tokenizer.encode("a");
    int[] whole = tokenizer.encodeWithSpecialTokens("a");
    int more = whole.length - bare.length;
    boolean before = more > 0 && (bare.length == 0 || whole[0] != bare[0]);
    boolean after = more > (before ? 1 : 0);
    if (more > 2) {
      throw unsupported("more than one token before or after a text");
    }
    Integer bos = before ? (Integer) whole[0] : special.bos();
    id(writer, "bos", bos);
    id(writer, "eos", special.eos().isEmpty() ? null : special.eos().getFirst());
    id(writer, "eot", special.eos().size() > 1 ? special.eos().get(1) : null);
    id(writer, "padding", special.pad());
    int unknown = tokenizer.id(json.path("model").path("unk_token").asString(""));
    id(writer, "unknown", unknown < 0 ? null : (Integer) unknown);
    writer.put("tokenizer.ggml.add_bos_token", before);
    writer.put("tokenizer.ggml.add_eos_token", after);
  }

  private void id(GgufWriter writer, String role, @Nullable Integer id) {
    if (id != null && id >= 0 && id < tokens.size()) {
      writer.put("tokenizer.ggml." + role + "_token_id", id);
    }
  }

  private void templates(GgufWriter writer) {
    if (!files.hasChatTemplates()) {
      return;
    }
    List<String> others = new ArrayList<>();
    for (Map.Entry<String, ChatTemplate> each : files.chatTemplates().named().entrySet()) {
      if (each.getKey().equals("default")) {
        writer.put("tokenizer.chat_template", each.getValue().source());
      } else {
        others.add(each.getKey());
        writer.put("tokenizer.chat_template." + each.getKey(), each.getValue().source());
      }
    }
    if (!others.isEmpty()) {
      writer.putTexts("tokenizer.chat_templates", others);
    }
  }
}
