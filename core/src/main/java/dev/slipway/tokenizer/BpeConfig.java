package dev.slipway.tokenizer;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import java.util.HashSet;
import java.util.List;

/**
 * How a byte-level BPE is trained. The first special token is the one that begins every text.
 *
 * @param vocabularySize number of tokens in all: special tokens, the 256 bytes, and merges;
 *     training ends earlier when no pair of tokens is left that is frequent enough
 * @param minimumFrequency how often a pair of tokens must occur to become a token
 * @param specialTokens get the first ids, in this order; may be none
 */
public record BpeConfig(int vocabularySize, long minimumFrequency, List<String> specialTokens) {
  /** Begins every text, and so ends the one before; the id 0 of a vocabulary of ours. */
  public static final String END_OF_TEXT = "<|endoftext|>";

  private static final int LARGEST = 1 << 22;

  public BpeConfig {
    specialTokens = List.copyOf(specialTokens);
    int smallest = 256 + specialTokens.size();
    if (vocabularySize < smallest || vocabularySize > LARGEST) {
      throw new SlipwayException(
          Exit.USAGE,
          "tokenizer.vocabulary-size",
          "the vocabulary is to have " + vocabularySize + " tokens",
          "choose a number from "
              + smallest
              + " (256 bytes and "
              + specialTokens.size()
              + " special tokens) to "
              + LARGEST);
    }
    if (minimumFrequency < 0) {
      throw new SlipwayException(
          Exit.USAGE,
          "tokenizer.minimum-frequency",
          "the minimum frequency of a pair is " + minimumFrequency,
          "choose a number that is not negative");
    }
    if (new HashSet<>(specialTokens).size() != specialTokens.size()
        || specialTokens.stream().anyMatch(String::isEmpty)) {
      throw new SlipwayException(
          Exit.USAGE,
          "tokenizer.special-tokens",
          "the special tokens " + specialTokens + " hold an empty one or one twice",
          "name each special token once");
    }
  }

  /** A vocabulary of this size with {@link #END_OF_TEXT} and pairs that occur at least twice. */
  public static BpeConfig ofSize(int vocabularySize) {
    return new BpeConfig(vocabularySize, 2, List.of(END_OF_TEXT));
  }

  public BpeConfig withMinimumFrequency(long minimumFrequency) {
    return new BpeConfig(vocabularySize, minimumFrequency, specialTokens);
  }

  public BpeConfig withSpecialTokens(List<String> specialTokens) {
    return new BpeConfig(vocabularySize, minimumFrequency, specialTokens);
  }
}
