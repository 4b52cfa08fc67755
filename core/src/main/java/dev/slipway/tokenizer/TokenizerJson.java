package dev.slipway.tokenizer;

import dev.slipway.base.Json;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads and writes the {@code tokenizer.json} of Hugging Face's {@code tokenizers}. */
final class TokenizerJson {
  private TokenizerJson() {}

  /** The file of a byte-level BPE. */
  static String write(BpeModel model) {
    return Json.write(document(model));
  }

  /** As above. */
  static ObjectNode document(BpeModel model) {
    ObjectNode root = Json.object();
    root.put("version", "1.0");
    root.putNull("truncation");
    root.putNull("padding");
    ArrayNode added = root.putArray("added_tokens");
    for (BpeModel.AddedToken token : model.added()) {
      ObjectNode entry = added.addObject();
      entry.put("id", token.id());
      entry.put("content", token.content());
      entry.put("single_word", false);
      entry.put("lstrip", false);
      entry.put("rstrip", false);
      entry.put("normalized", false);
      entry.put("special", token.special());
    }
    root.putNull("normalizer");
    putByteLevel(root, "pre_tokenizer");
    if (model.before().isEmpty() && model.after().isEmpty()) {
      root.putNull("post_processor");
    } else {
      putTemplate(root.putObject("post_processor"), model);
    }
    putByteLevel(root, "decoder");
    putBpe(root.putObject("model"), model);
    return root;
  }

  private static void putByteLevel(ObjectNode root, String name) {
    ObjectNode byteLevel = root.putObject(name);
    byteLevel.put("type", "ByteLevel");
    byteLevel.put("add_prefix_space", false);
    byteLevel.put("trim_offsets", true);
    byteLevel.put("use_regex", true);
  }

  private static void putTemplate(ObjectNode template, BpeModel model) {
    template.put("type", "TemplateProcessing");
    ArrayNode single = template.putArray("single");
    addSequence(single, model, "A", 0);
    ArrayNode pair = template.putArray("pair");
    addSequence(pair, model, "A", 0);
    addSequence(pair, model, "B", 1);
    ObjectNode specials = template.putObject("special_tokens");
    List<Integer> ids = new ArrayList<>(model.before());
    ids.addAll(model.after());
    for (int id : ids.stream().distinct().sorted().toList()) {
      String token = model.tokens().get(id);
      ObjectNode special = specials.putObject(token);
      special.put("id", token);
      special.putArray("ids").add(id);
      special.putArray("tokens").add(token);
    }
  }

  private static void addSequence(ArrayNode pieces, BpeModel model, String name, int type) {
    for (int id : model.before()) {
      addPiece(pieces, "SpecialToken", model.tokens().get(id), type);
    }
    addPiece(pieces, "Sequence", name, type);
    for (int id : model.after()) {
      addPiece(pieces, "SpecialToken", model.tokens().get(id), type);
    }
  }

  private static void addPiece(ArrayNode pieces, String kind, String id, int type) {
    pieces.addObject().putObject(kind).put("id", id).put("type_id", type);
  }

  private static void putBpe(ObjectNode bpe, BpeModel model) {
    bpe.put("type", "BPE");
    bpe.putNull("dropout");
    bpe.putNull("unk_token");
    bpe.putNull("continuing_subword_prefix");
    bpe.putNull("end_of_word_suffix");
    bpe.put("fuse_unk", false);
    bpe.put("byte_fallback", false);
    bpe.put("ignore_merges", false);
    ObjectNode vocabulary = bpe.putObject("vocab");
    for (int id = 0; id < model.learned(); id++) {
      vocabulary.put(model.tokens().get(id), id);
    }
    ArrayNode merges = bpe.putArray("merges");
    for (BpeModel.Merge merge : model.merges()) {
      merges.addArray().add(merge.left()).add(merge.right());
    }
  }

  /**
   * The byte-level BPE that the file describes, or null when it is another kind of tokenizer, or
   * one with a part that {@link BpeTokenizer} does not have. Truncation and padding, which are the
   * caller's business, are passed over.
   */
  static @Nullable BpeModel readByteLevelBpe(JsonNode root) {
    JsonNode bpe = root.path("model");
    boolean isCovered =
        bpe.path("type").asString("").equals("BPE")
            && bpe.path("dropout").asDouble(0) == 0
            && bpe.path("continuing_subword_prefix").asString("").isEmpty()
            && bpe.path("end_of_word_suffix").asString("").isEmpty()
            && !bpe.path("ignore_merges").asBoolean(false)
            && isAbsent(root.path("normalizer"))
            && isByteLevel(root.path("pre_tokenizer"))
            && !root.path("pre_tokenizer").path("add_prefix_space").asBoolean(true)
            && root.path("pre_tokenizer").path("use_regex").asBoolean(true)
            && isByteLevel(root.path("decoder"));
    String[] learned = isCovered ? readVocabulary(bpe.path("vocab")) : null;
    List<BpeModel.Merge> merges = learned == null ? null : readMerges(bpe.path("merges"), learned);
    if (learned == null || merges == null) {
      return null;
    }
    List<String> tokens = new ArrayList<>(Arrays.asList(learned));
    List<BpeModel.AddedToken> added = readAddedTokens(root.path("added_tokens"), tokens);
    List<Integer> before = new ArrayList<>();
    List<Integer> after = new ArrayList<>();
    if (added == null
        || !readPostProcessor(root.path("post_processor"), tokens.size(), before, after)) {
      return null;
    }
    BpeModel model = new BpeModel(tokens, learned.length, merges, added, before, after);
    return model.coversAllBytes() ? model : null;
  }

  /**
   * The same tokenizer with the same ids, in which special tokens have other names, so that none is
   * found in a text that spells it. The pieces of a byte fallback are needed by name and only cease
   * to be looked for.
   *
   * @param json the file
   * @param mark begins the new names
   */
  static String withSpecialTokensRenamed(String json, String mark) {
    ObjectNode root = (ObjectNode) Json.parse(json, "tokenizer.json");
    boolean byteFallback = root.path("model").path("byte_fallback").asBoolean(false);
    Map<String, String> names = new HashMap<>();
    ArrayNode added = Json.array();
    for (JsonNode entry : root.path("added_tokens")) {
      String content = entry.path("content").asString("");
      boolean isSpecial = entry.path("special").asBoolean(false);
      if (isSpecial && byteFallback && content.matches("<0x[0-9A-F]{2}>")) {
        continue;
      }
      if (isSpecial) {
        String name = mark + entry.path("id").asInt();
        names.put(content, name);
        ((ObjectNode) entry).put("content", name).put("normalized", false);
      }
      added.add(entry);
    }
    root.set("added_tokens", added);
    ObjectNode model = (ObjectNode) root.path("model");
    if (model.path("vocab") instanceof ObjectNode vocabulary) {
      ObjectNode renamed = Json.object();
      vocabulary
          .properties()
          .forEach(
              token ->
                  renamed.set(
                      names.getOrDefault(token.getKey(), token.getKey()), token.getValue()));
      model.set("vocab", renamed);
    } else {
      for (JsonNode pair : model.path("vocab")) { // Unigram: [token, score]
        String token = pair.path(0).asString("");
        ((ArrayNode) pair).set(0, names.getOrDefault(token, token));
      }
    }
    String unknown = names.get(model.path("unk_token").asString(""));
    if (unknown != null) {
      model.put("unk_token", unknown);
    }
    return Json.line(root);
  }

  private static boolean isAbsent(JsonNode node) {
    return node.isMissingNode() || node.isNull();
  }

  private static boolean isByteLevel(JsonNode node) {
    return node.path("type").asString("").equals("ByteLevel");
  }

  // Null when the ids are not those from 0 on.
  private static String @Nullable [] readVocabulary(JsonNode vocabulary) {
    String[] tokens = new String[vocabulary.size()];
    for (Map.Entry<String, JsonNode> entry : vocabulary.properties()) {
      int id = entry.getValue().asInt(-1);
      if (id < 0 || id >= tokens.length || tokens[id] != null) {
        return null;
      }
      tokens[id] = entry.getKey();
    }
    return tokens;
  }

  // A merge is ["a", "b"], or "a b" in files of before 2024.
  private static @Nullable List<BpeModel.Merge> readMerges(JsonNode merges, String[] tokens) {
    Map<String, String> known = new HashMap<>(); // to keep one string for each token
    for (String token : tokens) {
      known.put(token, token);
    }
    List<BpeModel.Merge> result = new ArrayList<>(merges.size());
    for (JsonNode merge : merges) {
      String[] parts =
          merge.isArray() && merge.size() == 2
              ? new String[] {merge.get(0).asString(""), merge.get(1).asString("")}
              : merge.asString("").split(" ", -1);
      if (parts.length != 2 || !known.containsKey(parts[0] + parts[1])) {
        return null;
      }
      String left = known.get(parts[0]);
      String right = known.get(parts[1]);
      if (left == null || right == null) {
        return null;
      }
      result.add(new BpeModel.Merge(left, right));
    }
    return result;
  }

  // Adds to the tokens those that the model's own vocabulary does not hold.
  private static @Nullable List<BpeModel.AddedToken> readAddedTokens(
      JsonNode entries, List<String> tokens) {
    List<BpeModel.AddedToken> added = new ArrayList<>();
    List<JsonNode> inOrder = new ArrayList<>();
    entries.forEach(inOrder::add);
    inOrder.sort((a, b) -> Integer.compare(a.path("id").asInt(-1), b.path("id").asInt(-1)));
    for (JsonNode entry : inOrder) {
      int id = entry.path("id").asInt(-1);
      String content = entry.path("content").asString("");
      if (id == tokens.size() && !tokens.contains(content)) {
        tokens.add(content);
      }
      boolean isCovered =
          !content.isEmpty()
              && id >= 0
              && id < tokens.size()
              && tokens.get(id).equals(content)
              && !entry.path("single_word").asBoolean(false)
              && !entry.path("lstrip").asBoolean(false)
              && !entry.path("rstrip").asBoolean(false)
              // Those that are normalized are looked for later, between the others.
              && entry.path("normalized").asBoolean(true)
                  == inOrder.getFirst().path("normalized").asBoolean(true);
      if (!isCovered) {
        return null;
      }
      added.add(new BpeModel.AddedToken(id, content, entry.path("special").asBoolean(false)));
    }
    return added;
  }

  private static boolean readPostProcessor(
      JsonNode processor, int size, List<Integer> before, List<Integer> after) {
    if (isAbsent(processor) || isByteLevel(processor)) {
      return true; // ByteLevel moves offsets only
    }
    return switch (processor.path("type").asString("")) {
      case "Sequence" -> {
        boolean isCovered = true;
        int templates = 0;
        for (JsonNode part : processor.path("processors")) {
          templates += isByteLevel(part) ? 0 : 1;
          isCovered &= templates < 2 && readPostProcessor(part, size, before, after);
        }
        yield isCovered;
      }
      case "TemplateProcessing" -> readTemplate(processor, size, before, after);
      default -> false;
    };
  }

  private static boolean readTemplate(
      JsonNode template, int size, List<Integer> before, List<Integer> after) {
    boolean isAfter = false;
    for (JsonNode piece : template.path("single")) {
      if (piece.has("Sequence")) {
        if (isAfter || !piece.path("Sequence").path("id").asString("").equals("A")) {
          return false;
        }
        isAfter = true;
        continue;
      }
      String name = piece.path("SpecialToken").path("id").asString("");
      JsonNode ids = template.path("special_tokens").path(name).path("ids");
      if (ids.isEmpty()) {
        return false;
      }
      for (JsonNode id : ids) {
        if (id.asInt(-1) < 0 || id.asInt(-1) >= size) {
          return false;
        }
        (isAfter ? after : before).add(id.asInt());
      }
    }
    return isAfter;
  }
}
