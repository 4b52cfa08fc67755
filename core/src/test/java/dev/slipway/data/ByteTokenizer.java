package dev.slipway.data;

import dev.slipway.base.Hashing;
import dev.slipway.tokenizer.StreamingDecoder;
import dev.slipway.tokenizer.TokenSpans;
import dev.slipway.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A tokenizer whose ids are bytes plus one; id 0 begins a document. */
record ByteTokenizer(int vocabularySize) implements Tokenizer {
  static final int START = 0;

  @Override
  public int[] encode(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int[] ids = new int[bytes.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = vocabularySize - 256 + Byte.toUnsignedInt(bytes[i]);
    }
    return ids;
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
    int[] all = new int[ids.length + 1];
    System.arraycopy(ids, 0, all, 1, ids.length);
    return all;
  }

  @Override
  public String decode(int[] ids, boolean skipSpecialTokens) {
    byte[] bytes = new byte[ids.length];
    int length = 0;
    for (int id : ids) {
      if (id != START) {
        bytes[length++] = (byte) (id - (vocabularySize - 256));
      }
    }
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }

  @Override
  public String token(int id) {
    throw new UnsupportedOperationException();
  }

  @Override
  public int id(String token) {
    return token.equals("<|endoftext|>") ? START : -1;
  }

  @Override
  public List<Integer> specialIds() {
    return List.of(START);
  }

  @Override
  public StreamingDecoder streamingDecoder() {
    throw new UnsupportedOperationException();
  }

  @Override
  public String fingerprint() {
    return Hashing.sha256("bytes " + vocabularySize);
  }

  @Override
  public String json() {
    throw new UnsupportedOperationException();
  }
}
