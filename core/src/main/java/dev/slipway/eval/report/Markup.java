package dev.slipway.eval.report;

/**
 * HTML or SVG that is safe to put on a page. Text becomes markup only through {@link #html}, which
 * escapes each value, so that nothing from outside is ever read as a tag or an attribute.
 */
record Markup(String source) {
  static final Markup NONE = new Markup("");

  /**
   * Fills each {@code {}} of a constant template with the next value: markup as it is, a sequence
   * of markup one after the other, anything else as escaped text.
   */
  static Markup html(String template, Object... values) {
    StringBuilder out = new StringBuilder(template.length() + 32 * values.length);
    int from = 0;
    for (Object value : values) {
      int hole = template.indexOf("{}", from);
      if (hole < 0) {
        throw new IllegalArgumentException("more values than holes in: " + template);
      }
      out.append(template, from, hole);
      append(out, value);
      from = hole + 2;
    }
    if (template.indexOf("{}", from) >= 0) {
      throw new IllegalArgumentException("fewer values than holes in: " + template);
    }
    return new Markup(out.append(template, from, template.length()).toString());
  }

  private static void append(StringBuilder out, Object value) {
    switch (value) {
      case Markup markup -> out.append(markup.source);
      case Iterable<?> many -> many.forEach(each -> append(out, each));
      default -> escape(out, value.toString());
    }
  }

  /** Safe between tags and within quotes of either kind; what XML forbids becomes U+FFFD. */
  private static void escape(StringBuilder out, String text) {
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                default -> out.appendCodePoint(isText(c) ? c : 0xFFFD);
              }
            });
  }

  private static boolean isText(int c) {
    boolean control = c < ' ' && c != '\n' && c != '\t' || c >= 0x7F && c < 0xA0;
    boolean surrogate = c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
    return !control && !surrogate && (c & 0xFFFE) != 0xFFFE;
  }

  @Override
  public String toString() {
    return source;
  }
}
