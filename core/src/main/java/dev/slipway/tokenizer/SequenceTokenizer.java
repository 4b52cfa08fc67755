package dev.slipway.tokenizer;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import ai.djl.util.PairList;
import java.lang.ref.Cleaner;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Texts, pairs and lists of words as a pretrained model reads them, by Hugging Face's library and
 * with its truncation. Safe for several threads at once.
 */
public final class SequenceTokenizer {
  private static final Cleaner CLEANER = Cleaner.create();

  /** Texts at a time, as in {@link ForeignTokenizer}. */
  private static final int BATCH = 256;

  /** What is left out of a pair that is too long. */
  public enum Truncation {
    /** Tokens at the end of the longer text, one by one. */
    LONGEST("longest_first"),
    /** Tokens at the end of the second text. */
    SECOND("only_second");

    private final String option;

    Truncation(String option) {
      this.option = option;
    }
  }

  private final HuggingFaceTokenizer library;

  private SequenceTokenizer(HuggingFaceTokenizer library) {
    this.library = library;
  }

  /**
   * @param json the text of a {@code tokenizer.json}
   * @param source what an error calls it
   * @param longest most tokens of a sequence, special ones included
   * @param truncation of pairs
   * @param stride tokens that a window has in common with the one before it
   * @throws dev.slipway.base.SlipwayException when it is no tokenizer
   */
  public static SequenceTokenizer of(
      String json, String source, int longest, Truncation truncation, int stride) {
    HuggingFaceTokenizer library =
        ForeignTokenizer.load(
            json,
            source,
            Map.of(
                "truncation",
                truncation.option,
                "maxLength",
                String.valueOf(longest),
                "stride",
                String.valueOf(stride),
                "padding",
                "false"));
    SequenceTokenizer tokenizer = new SequenceTokenizer(library);
    CLEANER.register(tokenizer, library::close);
    return tokenizer;
  }

  /** Lists of words, each cut into tokens by itself; what is too long is cut at its end. */
  public List<TokenSequence> words(List<List<String>> texts) {
    return texts.stream()
        .map(words -> words.stream().map(Utf8::wellFormed).toList())
        .map(words -> sequence(attempt(() -> library.encode(words, true, false))))
        .toList();
  }

  /** Pairs; what is too long is cut as the truncation says. */
  public List<TokenSequence> pairs(List<String> first, List<String> second) {
    return windows(first, second, false).stream().map(List::getFirst).toList();
  }

  /**
   * Pairs, each as one sequence or, where it is too long, as several that overlap and have all of
   * the text together.
   */
  public List<List<TokenSequence>> windows(List<String> first, List<String> second) {
    return windows(first, second, true);
  }

  private List<List<TokenSequence>> windows(
      List<String> first, List<String> second, boolean overflowing) {
    List<List<TokenSequence>> all = new ArrayList<>();
    for (int from = 0; from < first.size(); from += BATCH) {
      PairList<String, String> pairs = new PairList<>();
      for (int i = from; i < Math.min(first.size(), from + BATCH); i++) {
        pairs.add(Utf8.wellFormed(first.get(i)), Utf8.wellFormed(second.get(i)));
      }
      for (Encoding encoding : attempt(() -> library.batchEncode(pairs, true, overflowing))) {
        List<TokenSequence> windows = new ArrayList<>();
        windows.add(sequence(encoding));
        for (Encoding further : encoding.getOverflowing()) {
          windows.add(sequence(further));
        }
        all.add(windows);
      }
    }
    return all;
  }

  private interface Attempt<V> {
    V get();
  }

  private static <V> V attempt(Attempt<V> attempt) {
    try {
      return attempt.get();
    } catch (RuntimeException e) {
      throw ForeignTokenizer.cannot("encode a text", e);
    }
  }

  private static TokenSequence sequence(Encoding encoding) {
    CharSpan[] spans = encoding.getCharTokenSpans();
    int[] starts = new int[spans.length];
    int[] ends = new int[spans.length];
    for (int i = 0; i < spans.length; i++) {
      if (spans[i] != null) {
        starts[i] = spans[i].getStart();
        ends[i] = spans[i].getEnd();
      }
    }
    return new TokenSequence(
        ints(encoding.getIds()),
        ints(encoding.getTypeIds()),
        ints(encoding.getSequenceIds()),
        ints(encoding.getWordIds()),
        starts,
        ends);
  }

  private static int[] ints(long[] values) {
    return Arrays.stream(values).mapToInt(Math::toIntExact).toArray();
  }
}
