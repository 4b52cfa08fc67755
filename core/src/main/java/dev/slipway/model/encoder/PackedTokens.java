package dev.slipway.model.encoder;

import java.util.List;

/**
 * Sequences one after the other without padding, those of a length side by side.
 *
 * @param ids (N) all tokens
 * @param types (N) of the tokens, such as first and second text of a pair; none where all are 0
 * @param spans cover all of them, in order
 */
public record PackedTokens(int[] ids, int[] types, List<Span> spans) {
  /** Of tokens that are all of type 0. */
  public PackedTokens(int[] ids, List<Span> spans) {
    this(ids, new int[0], spans);
  }

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
    if (types.length != 0 && types.length != ids.length) {
      throw new IllegalArgumentException(types.length + " types came with " + ids.length);
    }
  }
}
