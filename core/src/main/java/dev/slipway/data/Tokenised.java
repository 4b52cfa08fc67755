package dev.slipway.data;

import dev.slipway.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;

/** A document as tokens, the start token first. */
record Tokenised(String id, int[] tokens, long textBytes) {
  static Tokenised of(Document document, Tokenizer tokenizer, int startId) {
    int[] ids = tokenizer.encodeOrdinary(document.text());
    int[] tokens = new int[ids.length + 1];
    tokens[0] = startId;
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] < 0 || ids[i] >= tokenizer.vocabularySize()) {
        throw new IllegalStateException(
            "the tokenizer gave id "
                + ids[i]
                + " for "
                + document.id()
                + ", and has "
                + tokenizer.vocabularySize()
                + " ids");
      }
      tokens[i + 1] = ids[i];
    }
    return new Tokenised(
        document.id(), tokens, document.text().getBytes(StandardCharsets.UTF_8).length);
  }
}
