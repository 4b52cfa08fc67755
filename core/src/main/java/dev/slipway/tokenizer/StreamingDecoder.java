package dev.slipway.tokenizer;

/** Decodes a stream of ids. Not for several threads. */
public interface StreamingDecoder {
  /** The text that this id completes, which may be empty. */
  String next(int id);

  /** What is left when no more ids come; an unfinished code point becomes U+FFFD. */
  String finish();
}
