package dev.slipway.infer.evaluate;

import java.util.regex.Pattern;

/** Space as Python's {@code str.isspace} and {@code \s} have it. */
final class Spaces {
  private static final Pattern RUN = Pattern.compile("[\\s\\x1c-\\x1f\\x85\\p{Z}]+");

  private Spaces() {}

  static boolean isSpace(int c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == 0x85;
  }

  /** Length of the text without the space at its end, in {@code char}s. */
  static int withoutTrailing(String text) {
    int end = text.length();
    while (end > 0 && isSpace(text.codePointBefore(end))) {
      end -= Character.charCount(text.codePointBefore(end));
    }
    return end;
  }

  static String strip(String text) {
    int end = withoutTrailing(text);
    int start = 0;
    while (start < end && isSpace(text.codePointAt(start))) {
      start += Character.charCount(text.codePointAt(start));
    }
    return text.substring(start, end);
  }

  /** The number of pieces between runs of space, empty ones at the ends included. */
  static long pieces(String text) {
    return 1 + RUN.matcher(text).results().count();
  }

  /** Both, with the delimiter between them where there is no space already. */
  static String joined(String first, String second, String delimiter) {
    if (first.isEmpty() || second.isEmpty()) {
      return first + second;
    }
    boolean spaced =
        isSpace(first.codePointBefore(first.length())) || isSpace(second.codePointAt(0));
    return first + (spaced ? "" : delimiter) + second;
  }
}
