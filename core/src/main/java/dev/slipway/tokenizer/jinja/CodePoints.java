package dev.slipway.tokenizer.jinja;

import java.util.ArrayList;
import java.util.List;

/** Texts by code points, as Python counts them, and the characters that it takes for space. */
final class CodePoints {
  private CodePoints() {}

  static int length(String text) {
    return text.codePointCount(0, text.length());
  }

  /** From a number of code points to one of UTF-16 units. */
  static int offset(String text, int codePoints) {
    return text.offsetByCodePoints(0, codePoints);
  }

  static String slice(String text, int from, int to) {
    if (from >= to) {
      return "";
    }
    if (length(text) == text.length()) {
      return text.substring(from, to);
    }
    int start = offset(text, from);
    return text.substring(start, text.offsetByCodePoints(start, to - from));
  }

  static List<String> characters(String text) {
    List<String> characters = new ArrayList<>(text.length());
    text.codePoints().forEach(c -> characters.add(Character.toString(c)));
    return characters;
  }

  /** As {@code str.isspace} and the {@code \s} of regular expressions. */
  static boolean isSpace(int c) {
    if (c < 0x80) {
      return c == ' ' || (c >= 9 && c <= 13) || (c >= 0x1c && c <= 0x1f);
    }
    return c == 0x85
        || c == 0xa0
        || Character.getType(c) == Character.SPACE_SEPARATOR
        || c == 0x2028
        || c == 0x2029;
  }

  /** Whether {@code str.splitlines} ends a line there. */
  static boolean isLineEnd(int c) {
    return (c >= 10 && c <= 13)
        || (c >= 0x1c && c <= 0x1e)
        || c == 0x85
        || c == 0x2028
        || c == 0x2029;
  }

  static String stripEnd(String text) {
    int end = text.length();
    while (end > 0 && isSpace(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(0, end);
  }

  static boolean isSpace(String text) {
    return text.codePoints().allMatch(CodePoints::isSpace);
  }
}
