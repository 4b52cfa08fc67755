package dev.slipway.tokenizer;

/**
 * What a model reads of a text, a pair or a list of words: with special tokens, cut where it is too
 * long.
 *
 * @param ids of the tokens
 * @param types 0, or 1 for a pair's second text where the tokenizer tells them apart
 * @param texts 0 or 1 for the text that a token is of, -1 for a special token
 * @param words index of the word that a token is of, within its text; -1 for a special token
 * @param starts where a token begins in its text, in code points; 0 for a special token
 * @param ends where it ends
 */
public record TokenSequence(
    int[] ids, int[] types, int[] texts, int[] words, int[] starts, int[] ends) {
  public int length() {
    return ids.length;
  }
}
