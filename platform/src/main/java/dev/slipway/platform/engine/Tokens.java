package dev.slipway.platform.engine;

import dev.slipway.tokenizer.Tokenizer;

/** A model's tokens, as {@code /tokenize} and {@code /detokenize} tell them; for any thread. */
public interface Tokens {
  /**
   * @param specialTokens whether with those that the tokenizer puts around a text
   */
  int[] encode(String text, boolean specialTokens);

  /** The text of ids, special tokens included. */
  String decode(int[] ids);

  /** A token as the tokenizer spells it. */
  String token(int id);

  /** Ids are below it. */
  int vocabularySize();

  /** The most tokens that the model takes at once. */
  int contextLength();

  static Tokens of(Tokenizer tokenizer, int contextLength) {
    return new Tokens() {
      @Override
      public int[] encode(String text, boolean specialTokens) {
        return specialTokens ? tokenizer.encodeWithSpecialTokens(text) : tokenizer.encode(text);
      }

      @Override
      public String decode(int[] ids) {
        return tokenizer.decode(ids, false);
      }

      @Override
      public String token(int id) {
        return tokenizer.token(id);
      }

      @Override
      public int vocabularySize() {
        return tokenizer.vocabularySize();
      }

      @Override
      public int contextLength() {
        return contextLength;
      }
    };
  }
}
