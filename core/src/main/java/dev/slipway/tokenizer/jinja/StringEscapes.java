package dev.slipway.tokenizer.jinja;

/** The escapes of Python's string literals. */
final class StringEscapes {
  private StringEscapes() {}

  static String decoded(String literal, int line) {
    if (literal.indexOf('\\') < 0) {
      return literal;
    }
    StringBuilder out = new StringBuilder();
    int at = 0;
    while (at < literal.length()) {
      char c = literal.charAt(at++);
      if (c != '\\') {
        out.append(c);
        continue;
      }
      char escaped = literal.charAt(at++);
      switch (escaped) {
        case '\n' -> {}
        case '\\', '\'', '"' -> out.append(escaped);
        case 'a' -> out.append('\u0007');
        case 'b' -> out.append('\b');
        case 'f' -> out.append('\f');
        case 'n' -> out.append('\n');
        case 'r' -> out.append('\r');
        case 't' -> out.append('\t');
        case 'v' -> out.append('\u000b');
        case '0', '1', '2', '3', '4', '5', '6', '7' -> {
          int end = at;
          while (end < literal.length()
              && end < at + 2
              && literal.charAt(end) >= '0'
              && literal.charAt(end) <= '7') {
            end++;
          }
          out.append((char) Integer.parseInt(literal.substring(at - 1, end), 8));
          at = end;
        }
        case 'x' -> at = hex(literal, at, 2, "truncated \\xXX escape", line, out);
        case 'u' -> at = hex(literal, at, 4, "truncated \\uXXXX escape", line, out);
        case 'U' -> at = hex(literal, at, 8, "truncated \\UXXXXXXXX escape", line, out);
        case 'N' -> at = named(literal, at, line, out);
        default -> out.append('\\').append(escaped);
      }
    }
    return out.toString();
  }

  private static int hex(
      String literal, int at, int digits, String problem, int line, StringBuilder out) {
    int end = at + digits;
    String hex = end <= literal.length() ? literal.substring(at, end) : "";
    if (!hex.matches("[0-9a-fA-F]+")) {
      throw new TemplateException("TemplateSyntaxError", problem, line);
    }
    long code = Long.parseLong(hex, 16);
    if (code > Character.MAX_CODE_POINT) {
      throw new TemplateException("TemplateSyntaxError", "illegal Unicode character", line);
    }
    out.appendCodePoint((int) code);
    return end;
  }

  private static int named(String literal, int at, int line, StringBuilder out) {
    int end = literal.indexOf('}', at);
    if (!literal.startsWith("{", at) || end < 0) {
      throw new TemplateException("TemplateSyntaxError", "malformed \\N character escape", line);
    }
    try {
      out.appendCodePoint(Character.codePointOf(literal.substring(at + 1, end)));
    } catch (IllegalArgumentException _) {
      throw new TemplateException("TemplateSyntaxError", "unknown Unicode character name", line);
    }
    return end + 1;
  }
}
