package dev.slipway.tokenizer.jinja;

/**
 * What one rendering may use. The same template with the same values always uses the same.
 *
 * @param steps nodes evaluated, items visited and, in pieces of 64, characters copied
 * @param characters of the output, and of any one text on the way
 * @param depth of macros, recursive loops and blocks within each other
 */
public record Limits(long steps, int characters, int depth) {
  /** Enough for conversations of many thousands of messages; a few seconds at most. */
  public static final Limits USUAL = new Limits(50_000_000, 16 << 20, 100);
}
