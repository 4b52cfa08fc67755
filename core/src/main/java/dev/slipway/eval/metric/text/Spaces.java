package dev.slipway.eval.metric.text;

import java.util.ArrayList;
import java.util.List;

/** White space as Python's {@code str.split} and {@code \s} know it: figures depend on it. */
final class Spaces {
  private Spaces() {}

  static boolean is(int c) {
    return (c >= 9 && c <= 13)
        || (c >= 28 && c <= 32)
        || c == 0x85
        || c == 0xA0
        || c == 0x1680
        || (c >= 0x2000 && c <= 0x200A)
        || c == 0x2028
        || c == 0x2029
        || c == 0x202F
        || c == 0x205F
        || c == 0x3000;
  }

  /** What stands between runs of white space; no empty words. */
  static List<String> words(String text) {
    List<String> words = new ArrayList<>();
    int from = 0;
    while (from < text.length()) {
      while (from < text.length() && is(text.charAt(from))) {
        from++;
      }
      int to = from;
      while (to < text.length() && !is(text.charAt(to))) {
        to++;
      }
      if (to > from) {
        words.add(text.substring(from, to));
      }
      from = to;
    }
    return words;
  }

  static String strip(String text) {
    int from = 0;
    while (from < text.length() && is(text.charAt(from))) {
      from++;
    }
    return stripEnd(text.substring(from));
  }

  static String stripEnd(String text) {
    int to = text.length();
    while (to > 0 && is(text.charAt(to - 1))) {
      to--;
    }
    return text.substring(0, to);
  }

  /** Runs of two and more white spaces become one blank; a single one stays as it is. */
  static String collapse(String text) {
    StringBuilder collapsed = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); ) {
      int to = i;
      while (to < text.length() && is(text.charAt(to))) {
        to++;
      }
      if (to - i >= 2) {
        collapsed.append(' ');
        i = to;
      } else {
        collapsed.append(text.charAt(i++));
      }
    }
    return collapsed.toString();
  }
}
