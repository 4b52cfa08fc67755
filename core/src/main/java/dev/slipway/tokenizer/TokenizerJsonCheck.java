package dev.slipway.tokenizer;

import dev.slipway.base.SlipwayException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Refuses what Hugging Face's library takes without a word and then fails on in a way that ends the
 * whole process.
 */
final class TokenizerJsonCheck {
  /** Far above every published vocabulary. */
  private static final int LARGEST_ID = 1 << 24;

  /** The library's reader of JSON takes 128 levels. */
  private static final int DEEPEST = 64;

  private final String source;

  private TokenizerJsonCheck(String source) {
    this.source = source;
  }

  /**
   * Checks ids, the model's own special tokens and the templates of post-processors.
   *
   * @param source what an error calls the file
   */
  static void check(JsonNode root, String source) {
    TokenizerJsonCheck check = new TokenizerJsonCheck(source);
    check.readable(root, 0);
    Map<String, Integer> vocabulary = check.vocabulary(root.path("model"));
    Set<Integer> ids = new HashSet<>(vocabulary.values());
    for (JsonNode added : root.path("added_tokens")) {
      String content = added.path("content").asString("");
      if (content.isEmpty()) {
        throw check.malformed("an added token has no content");
      }
      ids.add(check.id(added.path("id"), content));
    }
    check.unknownToken(root.path("model"), vocabulary);
    check.merges(root.path("model"));
    check.processor(root.path("post_processor"), ids);
    check.normalizer(root.path("normalizer"));
    check.decoder(root.path("decoder"));
  }

  private SlipwayException malformed(String why) {
    return Tokenizers.malformed(source, why, null);
  }

  /** The library reads parts a second time, and there ends the process for what it can't read. */
  private void readable(JsonNode node, int depth) {
    if (depth > DEEPEST) {
      throw malformed("it nests deeper than " + DEEPEST + " levels");
    }
    if (node.isString()) {
      whole(node.stringValue());
    } else if (node.isNumber() && !Double.isFinite(node.doubleValue())) {
      throw malformed("a number in it is beyond what a double holds");
    }
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      whole(entry.getKey());
    }
    for (JsonNode child : node) {
      readable(child, depth + 1);
    }
  }

  private void whole(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isHighSurrogate(text.charAt(i))
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(text.charAt(i))) {
        throw malformed(
            String.format(
                Locale.ROOT, "a text in it has half a character, \\u%04x", (int) text.charAt(i)));
      }
    }
  }

  private Map<String, Integer> vocabulary(JsonNode model) {
    Map<String, Integer> ids = new HashMap<>();
    JsonNode vocabulary = model.path("vocab");
    if (vocabulary.isArray()) {
      for (JsonNode entry : vocabulary) {
        if (!entry.path(0).isString() || !entry.path(1).isNumber()) {
          throw malformed("entry " + ids.size() + " of its vocabulary is no [token, score]");
        }
        ids.merge(entry.path(0).stringValue(), ids.size(), (first, second) -> first);
      }
    } else {
      vocabulary
          .properties()
          .forEach(entry -> ids.put(entry.getKey(), id(entry.getValue(), entry.getKey())));
    }
    return ids;
  }

  private int id(JsonNode id, String token) {
    if (!id.isIntegralNumber() || !id.canConvertToInt()) {
      throw malformed("the id of " + quoted(token) + " is no whole number");
    }
    if (id.intValue() < 0 || id.intValue() > LARGEST_ID) {
      throw malformed(
          "the id of " + quoted(token) + " is " + id.intValue() + ", expected 0 to " + LARGEST_ID);
    }
    return id.intValue();
  }

  private static String quoted(String token) {
    return '"' + token.substring(0, Math.min(40, token.length())) + '"';
  }

  private void unknownToken(JsonNode model, Map<String, Integer> vocabulary) {
    String type = model.path("type").asString("BPE");
    if (type.equals("WordPiece") || type.equals("WordLevel")) {
      String unknown = model.path("unk_token").asString("");
      if (!vocabulary.containsKey(unknown)) {
        throw malformed("its vocabulary lacks the unk_token " + quoted(unknown));
      }
    }
    JsonNode id = model.path("unk_id");
    if (type.equals("Unigram")
        && id.isNumber()
        && (!id.canConvertToInt() || id.intValue() < 0 || id.intValue() >= vocabulary.size())) {
      throw malformed("its unk_id is " + id + ", the vocabulary has " + vocabulary.size());
    }
  }

  /** The library takes the prefix off the second part of each merge without looking. */
  private void merges(JsonNode model) {
    String prefix = model.path("continuing_subword_prefix").asString("");
    if (prefix.isEmpty()) {
      return;
    }
    for (JsonNode merge : model.path("merges")) {
      String second =
          merge.isArray()
              ? merge.path(1).asString("")
              : merge.asString("").substring(merge.asString("").indexOf(' ') + 1);
      if (!second.startsWith(prefix)) {
        throw malformed(
            "the second part of the merge "
                + quoted(merge.toString())
                + " lacks the continuing_subword_prefix "
                + quoted(prefix));
      }
    }
  }

  private void processor(JsonNode processor, Set<Integer> ids) {
    for (JsonNode part : processor.path("processors")) {
      processor(part, ids);
    }
    // The library knows a template by its keys, whatever type it says.
    if (!processor.has("single") && !processor.has("pair")) {
      return;
    }
    JsonNode special = processor.path("special_tokens");
    template(processor.path("single"), Set.of("A"), special);
    template(processor.path("pair"), Set.of("A", "B"), special);
    for (Map.Entry<String, JsonNode> entry : special.properties()) {
      JsonNode own = entry.getValue().path("ids");
      if (own.isEmpty() || own.size() != entry.getValue().path("tokens").size()) {
        throw malformed(
            "its post-processor has not as many ids as tokens for " + quoted(entry.getKey()));
      }
      if (!entry.getValue().path("id").asString("").equals(entry.getKey())) {
        throw malformed(
            "its post-processor calls " + quoted(entry.getKey()) + " by another name inside");
      }
      for (JsonNode id : own) {
        if (!ids.contains(id(id, entry.getKey()))) {
          throw malformed("its post-processor puts in the id " + id + ", which is no token's");
        }
      }
    }
  }

  private void template(JsonNode template, Set<String> sequences, JsonNode special) {
    for (JsonNode piece : template) {
      JsonNode name = piece.path("SpecialToken").path("id");
      JsonNode sequence = piece.path("Sequence").path("id");
      if (name.isString() == sequence.isString()) {
        throw malformed("a template of its post-processor has a piece that is unknown");
      }
      if (sequence.isString() && !sequences.contains(sequence.stringValue())) {
        throw malformed(
            "a template of its post-processor puts in the text "
                + quoted(sequence.stringValue())
                + ", where there are "
                + sequences.size());
      }
      if (name.isString() && !special.has(name.stringValue())) {
        throw malformed(
            "its post-processor puts in "
                + quoted(name.stringValue())
                + ", which is none of its special_tokens");
      }
    }
  }

  private void normalizer(JsonNode normalizer) {
    for (JsonNode part : normalizer.path("normalizers")) {
      normalizer(part);
    }
    boolean named = normalizer.path("type").asString("").equals("Precompiled");
    JsonNode map = normalizer.path("precompiled_charsmap");
    if (named ? !map.isString() : !map.isMissingNode() && !map.isString()) {
      throw malformed("the precompiled_charsmap of its normalizer is no text");
    }
    if (map.isString() && !CharsMapCheck.isSound(map.stringValue())) {
      throw malformed("the precompiled_charsmap of its normalizer is damaged");
    }
  }

  private void decoder(JsonNode decoder) {
    for (JsonNode part : decoder.path("decoders")) {
      decoder(part);
    }
    // The library takes so many characters off a text's end without looking whether it has them.
    JsonNode stop = decoder.path("stop");
    if (stop.isNumber() && stop.doubleValue() > 0) {
      throw malformed("its decoder strips the ends of texts (stop " + stop + "), expected stop 0");
    }
  }
}
