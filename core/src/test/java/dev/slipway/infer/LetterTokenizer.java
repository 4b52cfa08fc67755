package dev.slipway.infer;

import dev.slipway.tokenizer.StreamingDecoder;
import dev.slipway.tokenizer.TokenSpans;
import dev.slipway.tokenizer.Tokenizer;
import java.util.List;

/** A letter a token: id 0 is special, id i the i-th of 63 letters. */
public final class LetterTokenizer implements Tokenizer {
  static final String LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";

  @Override
  public int[] encode(String text) {
    return text.chars().map(letter -> LETTERS.indexOf(letter) + 1).toArray();
  }

  @Override
  public TokenSpans encodeWithSpans(String text) {
    throw new UnsupportedOperationException();
  }

  @Override
  public int[] encodeOrdinary(String text) {
    return encode(text);
  }

  @Override
  public int[] encodeWithSpecialTokens(String text) {
    int[] ids = encode(text);
    int[] result = new int[ids.length + 1];
    System.arraycopy(ids, 0, result, 1, ids.length);
    return result;
  }

  @Override
  public String decode(int[] ids, boolean skipSpecialTokens) {
    StringBuilder text = new StringBuilder();
    for (int id : ids) {
      text.append(id > 0 ? token(id) : skipSpecialTokens ? "" : token(id));
    }
    return text.toString();
  }

  @Override
  public String token(int id) {
    return id == 0 ? "<|endoftext|>" : LETTERS.substring(id - 1, id);
  }

  @Override
  public int id(String token) {
    return token.equals("<|endoftext|>") ? 0 : LETTERS.indexOf(token) + 1;
  }

  @Override
  public int vocabularySize() {
    return 64;
  }

  @Override
  public List<Integer> specialIds() {
    return List.of(0);
  }

  @Override
  public StreamingDecoder streamingDecoder() {
    return new StreamingDecoder() {
      @Override
      public String next(int id) {
        return token(id);
      }

      @Override
      public String finish() {
        return "";
      }
    };
  }

  @Override
  public String json() {
    return "{}";
  }

  @Override
  public String fingerprint() {
    return "letters";
  }
}
