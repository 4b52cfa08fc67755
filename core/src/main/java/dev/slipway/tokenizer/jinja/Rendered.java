package dev.slipway.tokenizer.jinja;

import java.util.List;

/**
 * What a template gave.
 *
 * @param generated where the {@code generation} blocks lie in the text, in the order in which they
 *     were rendered
 */
public record Rendered(String text, List<Span> generated) {
  public Rendered {
    generated = List.copyOf(generated);
  }

  /**
   * A part of a text.
   *
   * @param start of its first {@code char}
   * @param end behind its last one
   */
  public record Span(int start, int end) {}
}
