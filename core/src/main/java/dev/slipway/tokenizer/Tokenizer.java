package dev.slipway.tokenizer;

import dev.slipway.base.Json;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Text to ids and back. Implementations may be used by several threads at once. */
public interface Tokenizer {
  /** Ids of the text alone; a special token spelt out in it becomes that token's id. */
  int[] encode(String text);

  /** {@link #encode} with the place of each id in the text. */
  TokenSpans encodeWithSpans(String text);

  /**
   * Ids of the text alone, in which what spells a special token is text like any other, as
   * tiktoken's {@code encode_ordinary}: for documents, which must not be able to say where one
   * begins.
   */
  int[] encodeOrdinary(String text);

  /** Ids with the special tokens that the tokenizer's post-processor puts around a text. */
  int[] encodeWithSpecialTokens(String text);

  /**
   * As {@link #encodeWithSpecialTokens(String)}, in at most so many ids: the text's last ones are
   * left out, special tokens stay.
   */
  default int[] encodeWithSpecialTokens(String text, int longest) {
    int[] whole = encodeWithSpecialTokens(text);
    if (whole.length <= longest) {
      return whole;
    }
    int[] bare = encode(text);
    int kept = longest - (whole.length - bare.length);
    int before = 0;
    while (before + bare.length <= whole.length
        && !Arrays.equals(whole, before, before + bare.length, bare, 0, bare.length)) {
      before++;
    }
    if (kept < 0 || before + bare.length > whole.length) {
      return Arrays.copyOf(whole, longest); // no place for the text among special tokens
    }
    int[] cut = Arrays.copyOf(whole, longest);
    int after = before + bare.length;
    System.arraycopy(whole, after, cut, before + kept, whole.length - after);
    return cut;
  }

  /**
   * Two texts as one sequence, as the post-processor joins them. Worked out by Hugging Face's
   * library, also where single texts are not.
   */
  default EncodedPair encodePair(String first, String second) {
    return ForeignTokenizer.of(json(), Json.parse(json(), "the tokenizer"), "the tokenizer")
        .encodePair(first, second);
  }

  /** Ids of each text; a tokenizer that can works them out on several threads. */
  default List<int[]> encodeBatch(List<String> texts, boolean withSpecialTokens) {
    return texts.stream()
        .map(text -> withSpecialTokens ? encodeWithSpecialTokens(text) : encode(text))
        .toList();
  }

  /** {@link #encodeOrdinary} of each text; on several threads where the tokenizer can. */
  default List<int[]> encodeOrdinaryBatch(List<String> texts) {
    return texts.stream().map(this::encodeOrdinary).toList();
  }

  /**
   * The text of the ids; bytes that are no UTF-8 become U+FFFD. Special tokens are left out when so
   * asked.
   */
  String decode(int[] ids, boolean skipSpecialTokens);

  /** The token of an id as {@code tokenizer.json} spells it. */
  String token(int id);

  /**
   * The bytes that a token adds to a text; null for special tokens, and where they depend on its
   * neighbours. As here where each token is a whole text of its own.
   */
  default byte @Nullable [] bytes(int id) {
    return specialIds().contains(id)
        ? null
        : decode(new int[] {id}, true).getBytes(StandardCharsets.UTF_8);
  }

  /** The id of a token as {@code tokenizer.json} spells it, or -1. */
  int id(String token);

  /** Number of ids, special tokens included; ids are below it. */
  int vocabularySize();

  /** Ids of special tokens. */
  List<Integer> specialIds();

  /**
   * A decoder that takes ids one by one and gives text as soon as it is certain; never half a code
   * point. Special tokens are left out: in all it gives what {@link #decode} gives so.
   */
  StreamingDecoder streamingDecoder();

  /** The {@code tokenizer.json} that gives this tokenizer again, here and in Hugging Face's. */
  String json();

  /** As {@link #json}; the caller's own, to change as it likes. */
  default ObjectNode document() {
    return (ObjectNode) Json.parse(json(), "the tokenizer");
  }

  /** SHA-256 of the canonical {@code tokenizer.json}, in hexadecimal. */
  String fingerprint();
}
