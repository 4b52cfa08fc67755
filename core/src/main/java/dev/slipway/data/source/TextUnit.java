package dev.slipway.data.source;

/** What one record of a text file is. */
public enum TextUnit {
  /**
   * Paragraphs, cut at blank lines and gathered until they make 2 KiB, so that a record has some
   * context to learn from.
   */
  BLANK_LINES,
  /** The whole file. */
  WHOLE
}
