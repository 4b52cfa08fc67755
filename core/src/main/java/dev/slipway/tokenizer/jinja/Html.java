package dev.slipway.tokenizer.jinja;

/** Escaping as MarkupSafe does it. */
final class Html {
  private Html() {}

  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace(">", "&gt;")
        .replace("<", "&lt;")
        .replace("'", "&#39;")
        .replace("\"", "&#34;");
  }

  static String escaped(Value value) {
    return value instanceof Value.Text text && text.safe()
        ? text.text()
        : escape(Printed.str(value));
  }

  /** Text without comments and tags, its space made single, its entities resolved. */
  static String withoutTags(String html) {
    StringBuilder plain = new StringBuilder();
    int at = 0;
    while (at < html.length()) {
      int comment = html.startsWith("<!--", at) ? html.indexOf("-->", at + 4) : -1;
      int tag = comment < 0 && html.charAt(at) == '<' ? html.indexOf('>', at) : -1;
      if (comment >= 0) {
        at = comment + 3;
      } else if (tag >= 0) {
        at = tag + 1;
      } else {
        plain.append(html.charAt(at++));
      }
    }
    StringBuilder single = new StringBuilder();
    boolean space = false;
    for (int c : plain.toString().codePoints().toArray()) {
      if (CodePoints.isSpace(c)) {
        space = !single.isEmpty();
      } else {
        single.append(space ? " " : "").appendCodePoint(c);
        space = false;
      }
    }
    return single
        .toString()
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&#39;", "'")
        .replace("&#34;", "\"")
        .replace("&quot;", "\"")
        .replace("&amp;", "&");
  }
}
