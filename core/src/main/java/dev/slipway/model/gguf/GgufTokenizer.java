package dev.slipway.model.gguf;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The vocabulary of a GGUF file as the {@code tokenizer.json} and {@code tokenizer_config.json}
 * that give the same ids: byte-level BPE, SentencePiece's BPE, WordPiece.
 */
final class GgufTokenizer {
  private static final int NORMAL = 1;
  private static final int UNKNOWN = 2;
  private static final int CONTROL = 3;
  private static final int USER_DEFINED = 4;

  /** SentencePiece's mark of a space. */
  private static final String SPACE = "\u2581";

  /** Longer pieces than any published one are not looked into for merges. */
  private static final int LONGEST_PIECE = 256;

  /** What ends an answer, as llama.cpp knows it by its text, beside the ids that a file names. */
  private static final List<String> ENDS =
      List.of(
          "<|eot_id|>",
          "<|im_end|>",
          "<|end|>",
          "<|return|>",
          "<|call|>",
          "<end_of_turn>",
          "<|endoftext|>",
          "</s>",
          "<|eom_id|>",
          "<EOT>",
          "_<EOT>",
          "[EOT]",
          "[EOS]",
          "<|end_of_text|>",
          "<end_of_utterance>",
          "<eos>",
          "<\uff5cend\u2581of\u2581sentence\uff5c>");

  /** What converters write for no token: -1 in 32 bits without a sign. */
  private static final long NO_TOKEN = 0xFFFF_FFFFL;

  /** Published files name paddings and masks that they lack; nothing asks for those. */
  private static final List<String> REFUSED_ROLES =
      List.of("bos", "eos", "eot", "eom", "unknown", "seperator", "cls");

  private final GgufMetadata metadata;
  private final List<String> tokens = new ArrayList<>();
  private final Map<String, Integer> ids = new LinkedHashMap<>();
  private final JsonNode types;
  private final String model;

  GgufTokenizer(GgufMetadata metadata) {
    this.metadata = metadata;
    model = metadata.text("tokenizer.ggml.model", "");
    types = metadata.node("tokenizer.ggml.token_type");
    JsonNode list = metadata.node("tokenizer.ggml.tokens");
    if (!list.isArray() || list.isEmpty() || !list.get(0).isString()) {
      throw malformed("it has no tokenizer.ggml.tokens");
    }
    for (JsonNode token : list) {
      String text = token.stringValue();
      // As llama.cpp does it.
      text = text.isEmpty() ? "[EMPTY_" + tokens.size() + "]" : text;
      if (ids.put(text, tokens.size()) != null) {
        throw malformed("it has the token " + shortened(text) + " twice");
      }
      tokens.add(text);
    }
    checkOneForEachToken("tokenizer.ggml.token_type", JsonNode::isIntegralNumber);
    checkOneForEachToken("tokenizer.ggml.scores", JsonNode::isNumber);
    REFUSED_ROLES.forEach(this::id);
    checkTemplates();
  }

  private void checkOneForEachToken(String key, Predicate<JsonNode> fits) {
    JsonNode list = metadata.node(key);
    if (list.isMissingNode()) {
      return;
    }
    String expected = ", expected one for each of its " + tokens.size() + " tokens";
    if (!list.isArray() || list.size() != tokens.size()) {
      String found = list.isArray() ? list.size() + " values" : "no list";
      throw malformed("its " + key + " has " + found + expected);
    }
    for (int id = 0; id < list.size(); id++) {
      if (!fits.test(list.get(id))) {
        throw malformed(
            "its "
                + key
                + " has "
                + shortened(list.get(id).toString())
                + " for token "
                + id
                + ", expected a number");
      }
    }
  }

  private void checkTemplates() {
    metadata.text("tokenizer.chat_template", "");
    JsonNode names = metadata.node("tokenizer.chat_templates");
    if (names.isMissingNode()) {
      return;
    }
    if (!names.isArray() || names.valueStream().anyMatch(name -> !name.isString())) {
      throw malformed(
          "its tokenizer.chat_templates is "
              + shortened(names.toString())
              + ", expected a list of names");
    }
    names.forEach(name -> metadata.text("tokenizer.chat_template." + name.stringValue(), ""));
  }

  private static String shortened(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "…";
  }

  private SlipwayException malformed(String why) {
    return new SlipwayException(
        Exit.INPUT,
        "tokenizer.malformed",
        "the tokenizer of " + metadata.name() + " can't be read: " + why,
        "take the file of another publisher, or convert the model anew");
  }

  private int type(int id) {
    return types.path(id).asInt(NORMAL);
  }

  /** The {@code tokenizer.json}. */
  ObjectNode json() {
    ObjectNode root = Json.object();
    root.put("version", "1.0");
    root.putNull("truncation");
    root.putNull("padding");
    root.set("added_tokens", addedTokens());
    switch (model) {
      case "gpt2" -> byteLevel(root);
      case "llama" -> sentencePiece(root);
      case "bert" -> wordPiece(root);
      default ->
          throw new SlipwayException(
              Exit.INPUT,
              "model.unsupported-setting",
              metadata.name()
                  + " has the tokenizer.ggml.model "
                  + shortened(model)
                  + ", Slipway knows gpt2, llama and bert",
              "choose a model with one of these tokenizers");
    }
    return root;
  }

  private ArrayNode addedTokens() {
    ArrayNode added = Json.array();
    for (int id = 0; id < tokens.size(); id++) {
      int type = type(id);
      boolean control = type == CONTROL || type == UNKNOWN && !isPad(id);
      if (control || type == USER_DEFINED) {
        ObjectNode token = added.addObject();
        token.put("id", id);
        token.put("content", tokens.get(id));
        token.put("single_word", false);
        token.put("lstrip", false);
        token.put("rstrip", false);
        token.put("normalized", false);
        token.put("special", control);
      }
    }
    return added;
  }

  /** What converters fill a vocabulary up with, which old ones call unknown. */
  private boolean isPad(int id) {
    return tokens.get(id).equals("[PAD" + id + "]");
  }

  private ObjectNode vocabulary() {
    ObjectNode vocabulary = Json.object();
    ids.forEach(vocabulary::put);
    return vocabulary;
  }

  private void byteLevel(ObjectNode root) {
    PreTokenizers.Kind kind = kind();
    root.putNull("normalizer");
    if (kind.patterns().equals(List.of(PreTokenizers.GPT2))) {
      putByteLevel(root.putObject("pre_tokenizer"), true);
    } else {
      ObjectNode sequence = root.putObject("pre_tokenizer").put("type", "Sequence");
      ArrayNode parts = sequence.putArray("pretokenizers");
      for (String pattern : kind.patterns()) {
        ObjectNode split = parts.addObject().put("type", "Split");
        split.putObject("pattern").put("Regex", pattern);
        split.put("behavior", "Isolated").put("invert", false);
      }
      putByteLevel(parts.addObject(), false);
    }
    boolean bos = metadata.flag("tokenizer.ggml.add_bos_token", kind.addBos());
    boolean eos = metadata.flag("tokenizer.ggml.add_eos_token", false);
    boolean sep = metadata.flag("tokenizer.ggml.add_sep_token", kind.addSep());
    if (sep) {
      template(
          root, bos || kind.addSep() ? bos() : null, firstOf(id("seperator"), id("eos")), true);
    } else {
      template(root, bos ? bos() : null, eos ? id("eos") : null, false);
    }
    putByteLevel(root.putObject("decoder"), true);
    ObjectNode bpe = root.putObject("model").put("type", "BPE");
    bpe.put("byte_fallback", false).put("ignore_merges", kind.ignoreMerges());
    bpe.set("vocab", vocabulary());
    ArrayNode merges = bpe.putArray("merges");
    JsonNode list = metadata.node("tokenizer.ggml.merges");
    if (!list.isArray()) {
      throw malformed("it has no tokenizer.ggml.merges");
    }
    for (JsonNode merge : list) {
      String text = merge.asString("");
      int space = text.indexOf(' ', 1); // the first part may itself begin with a space
      if (space < 0) {
        throw malformed("its merge " + shortened(text) + " has no two parts");
      }
      merges.addArray().add(text.substring(0, space)).add(text.substring(space + 1));
    }
  }

  private PreTokenizers.Kind kind() {
    String name = metadata.text("tokenizer.ggml.pre", "default");
    PreTokenizers.Kind kind = PreTokenizers.named(name);
    if (kind == null) {
      throw new SlipwayException(
          Exit.INPUT,
          "model.unsupported-setting",
          metadata.name()
              + " has the tokenizer.ggml.pre "
              + shortened(name)
              + ", which Slipway does not know",
          "take the model's Hugging Face folder, whose tokenizer.json says how it divides texts");
    }
    return kind;
  }

  private static void putByteLevel(ObjectNode part, boolean regex) {
    part.put("type", "ByteLevel");
    part.put("add_prefix_space", false).put("trim_offsets", true).put("use_regex", regex);
  }

  private void sentencePiece(ObjectNode root) {
    boolean prefix = metadata.flag("tokenizer.ggml.add_space_prefix", true);
    ObjectNode normalizer = root.putObject("normalizer").put("type", "Sequence");
    ArrayNode normalizers = normalizer.putArray("normalizers");
    if (prefix) {
      normalizers.addObject().put("type", "Prepend").put("prepend", SPACE);
    }
    ObjectNode replace = normalizers.addObject().put("type", "Replace");
    replace.putObject("pattern").put("String", " ");
    replace.put("content", SPACE);
    root.putNull("pre_tokenizer");
    template(
        root,
        metadata.flag("tokenizer.ggml.add_bos_token", true) ? bos() : null,
        metadata.flag("tokenizer.ggml.add_eos_token", false) ? firstOf(id("eos"), 2) : null,
        false);
    ObjectNode decoder = root.putObject("decoder").put("type", "Sequence");
    ArrayNode decoders = decoder.putArray("decoders");
    ObjectNode spaces = decoders.addObject().put("type", "Replace");
    spaces.putObject("pattern").put("String", SPACE);
    spaces.put("content", " ");
    decoders.addObject().put("type", "ByteFallback");
    decoders.addObject().put("type", "Fuse");
    if (prefix) {
      decoders.addObject().put("type", "Strip").put("content", " ").put("start", 1).put("stop", 0);
    }
    ObjectNode bpe = root.putObject("model").put("type", "BPE");
    Integer unknown = firstOf(id("unknown"), 0);
    bpe.put("unk_token", tokens.get(Objects.requireNonNullElse(unknown, 0)));
    bpe.put("fuse_unk", true).put("byte_fallback", true).put("ignore_merges", false);
    bpe.set("vocab", vocabulary());
    bpe.set("merges", sentencePieceMerges());
  }

  private record Merge(float score, int left, int right, String first, String second) {}

  /** Pairs of pieces that make a third, by its score, as SentencePiece joins them. */
  private ArrayNode sentencePieceMerges() {
    JsonNode scores = metadata.node("tokenizer.ggml.scores");
    List<Merge> merges = new ArrayList<>();
    for (int id = 0; id < tokens.size(); id++) {
      String token = tokens.get(id);
      if (type(id) == NORMAL && token.length() <= LONGEST_PIECE) {
        float score = scores.path(id).floatValue(0);
        for (int i = 1; i < token.length(); i++) {
          Integer left = ids.get(token.substring(0, i));
          Integer right = left == null ? null : ids.get(token.substring(i));
          if (left != null && right != null) {
            merges.add(new Merge(score, left, right, token.substring(0, i), token.substring(i)));
          }
        }
      }
    }
    merges.sort(
        (a, b) -> {
          int byScore = Float.compare(b.score, a.score);
          int byLeft = byScore != 0 ? byScore : Integer.compare(a.left, b.left);
          return byLeft != 0 ? byLeft : Integer.compare(a.right, b.right);
        });
    ArrayNode list = Json.array();
    merges.forEach(merge -> list.addArray().add(merge.first).add(merge.second));
    return list;
  }

  private void wordPiece(ObjectNode root) {
    boolean lowercase = metadata.flag("tokenizer.ggml.normalizer.lowercase", true);
    ObjectNode normalizer = root.putObject("normalizer").put("type", "BertNormalizer");
    normalizer.put("clean_text", true).put("handle_chinese_chars", true);
    normalizer.put(
        "strip_accents", metadata.flag("tokenizer.ggml.normalizer.strip_accents", lowercase));
    normalizer.put("lowercase", lowercase);
    root.putObject("pre_tokenizer").put("type", "BertPreTokenizer");
    template(root, firstOf(id("cls"), bos()), firstOf(id("seperator"), 102), true);
    root.putObject("decoder").put("type", "WordPiece").put("prefix", "##").put("cleanup", true);
    ObjectNode pieces = root.putObject("model").put("type", "WordPiece");
    Integer unknown = firstOf(id("unknown"), 100);
    pieces.put("unk_token", unknown == null ? "[UNK]" : tokens.get(unknown));
    pieces.put("continuing_subword_prefix", "##").put("max_input_chars_per_word", 100);
    ObjectNode vocabulary = pieces.putObject("vocab");
    for (int id = 0; id < tokens.size(); id++) {
      String token = tokens.get(id);
      boolean special = type(id) == CONTROL || type(id) == UNKNOWN;
      vocabulary.put(
          special ? token : token.startsWith(SPACE) ? token.substring(1) : "##" + token, id);
    }
  }

  /** What is put around a text, and, with a separator, between two. */
  private void template(
      ObjectNode root, @Nullable Integer before, @Nullable Integer after, boolean pairs) {
    if (before == null && after == null) {
      root.putNull("post_processor");
      return;
    }
    ObjectNode template = root.putObject("post_processor").put("type", "TemplateProcessing");
    ArrayNode single = template.putArray("single");
    sequence(single, before, "A", 0, after);
    ArrayNode pair = template.putArray("pair");
    sequence(pair, before, "A", 0, after);
    sequence(pair, pairs ? null : before, "B", 1, after);
    ObjectNode special = template.putObject("special_tokens");
    for (Integer id : new Integer[] {before, after}) {
      if (id != null) {
        ObjectNode token = special.putObject(tokens.get(id)).put("id", tokens.get(id));
        token.putArray("ids").add(id);
        token.putArray("tokens").add(tokens.get(id));
      }
    }
  }

  private void sequence(
      ArrayNode pieces, @Nullable Integer before, String name, int kind, @Nullable Integer after) {
    if (before != null) {
      piece(pieces, "SpecialToken", tokens.get(before), kind);
    }
    piece(pieces, "Sequence", name, kind);
    if (after != null) {
      piece(pieces, "SpecialToken", tokens.get(after), kind);
    }
  }

  private static void piece(ArrayNode pieces, String kind, String id, int type) {
    pieces.addObject().putObject(kind).put("id", id).put("type_id", type);
  }

  /**
   * The id that the file names for a role, or null.
   *
   * @throws SlipwayException if it is no token's, of a role that ids or answers depend on
   */
  private @Nullable Integer id(String role) {
    String key = "tokenizer.ggml." + role + "_token_id";
    JsonNode node = metadata.node(key);
    if (node.isIntegralNumber() && (node.asLong() == -1 || node.asLong() == NO_TOKEN)) {
      return null;
    }
    Integer id = metadata.numberOrNull(key);
    if (id == null || id >= 0 && id < tokens.size()) {
      return id;
    }
    if (REFUSED_ROLES.contains(role)) {
      throw malformed("its " + key + " is " + id + ", expected 0 to " + (tokens.size() - 1));
    }
    return null;
  }

  private @Nullable Integer firstOf(@Nullable Integer id, @Nullable Integer otherwise) {
    return id != null || otherwise == null || otherwise >= tokens.size() ? id : otherwise;
  }

  private @Nullable Integer bos() {
    return firstOf(
        id("bos"),
        switch (model) {
          case "llama" -> (Integer) 1;
          case "bert" -> (Integer) 101;
          default -> null;
        });
  }

  /** Ids that end an answer, those that the file names first. */
  List<Integer> ends() {
    List<Integer> ends = new ArrayList<>();
    Integer usual = model.equals("llama") ? (Integer) 2 : null;
    for (Integer id : new Integer[] {firstOf(id("eos"), usual), id("eot"), id("eom")}) {
      if (id != null && !ends.contains(id)) {
        ends.add(id);
      }
    }
    TreeSet<Integer> byText = new TreeSet<>();
    for (String text : ENDS) {
      Integer id = ids.get(text);
      if (id != null && !ends.contains(id)) {
        byText.add(id);
      }
    }
    ends.addAll(byText);
    return ends;
  }

  /** {@code generation_config.json}: which ids begin, end and pad. */
  ObjectNode generationConfig() {
    ObjectNode json = Json.object();
    Integer bos = bos();
    if (bos != null) {
      json.put("bos_token_id", bos);
    }
    ArrayNode eos = json.putArray("eos_token_id");
    ends().forEach(eos::add);
    Integer pad = id("padding");
    if (pad != null) {
      json.put("pad_token_id", pad);
    }
    return json;
  }

  /** {@code tokenizer_config.json}: tokens by role, and the chat templates. */
  ObjectNode config() {
    ObjectNode json = Json.object();
    json.put("tokenizer_class", "PreTrainedTokenizerFast");
    json.put("clean_up_tokenization_spaces", false);
    role(json, "bos_token", bos());
    role(json, "eos_token", firstOf(id("eos"), model.equals("llama") ? (Integer) 2 : null));
    role(json, "unk_token", id("unknown"));
    role(json, "sep_token", id("seperator"));
    role(json, "pad_token", id("padding"));
    role(json, "cls_token", id("cls"));
    role(json, "mask_token", id("mask"));
    Integer context = metadata.numberOrNull(".context_length");
    if (context != null) {
      json.put("model_max_length", context);
    }
    String usual = metadata.text("tokenizer.chat_template", "");
    JsonNode others = metadata.node("tokenizer.chat_templates");
    if (others.isArray() && !others.isEmpty()) {
      ArrayNode templates = json.putArray("chat_template");
      if (!usual.isEmpty()) {
        templates.addObject().put("name", "default").put("template", usual);
      }
      for (JsonNode name : others) {
        String text = metadata.text("tokenizer.chat_template." + name.asString(""), "");
        if (!text.isEmpty()) {
          templates.addObject().put("name", name.asString("")).put("template", text);
        }
      }
    } else if (!usual.isEmpty()) {
      json.put("chat_template", usual);
    }
    return json;
  }

  private void role(ObjectNode json, String role, @Nullable Integer id) {
    if (id != null) {
      json.put(role, tokens.get(id));
    }
  }
}
