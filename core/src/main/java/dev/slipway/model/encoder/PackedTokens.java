package dev.slipway.model.encoder;

import java.util.List;

/**
 * Sequences one after the other without padding, those of a length side by side.
 *
 * @param ids (N) all tokens
 * @param spans cover all of them, in order
 */
public record PackedTokens(int[] ids, List<Span> spans) {
  /** So many sequences of so many tokens each. */
  public record Span(int rows, int length) {
    public Span {
      if (rows < 1 || length < 1) {
        throw new IllegalArgumentException(rows + " rows of " + length + " tokens");
      }
    }
  }

  public PackedTokens {
    spans = List.copyOf(spans);
    long tokens = spans.stream().mapToLong(span -> (long) span.rows * span.length).sum();
    if (tokens != ids.length) {
      throw new IllegalArgumentException("spans of " + tokens + " tokens came with " + ids.length);
    }
  }
}
