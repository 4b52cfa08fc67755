package dev.slipway.infer.evaluate;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Regular expressions as Python's {@code re} reads them, where Java's syntax has another meaning or
 * none: {@code (?P<name>…)}, {@code (?P=name)}, {@code \Z}, a brace that begins no quantifier,
 * {@code {,n}}, and {@code [} or {@code &&} within brackets. Lines end with {@code \n} alone, and
 * classes are Unicode's.
 */
final class PythonRegex {
  private static final Pattern QUANTIFIER = Pattern.compile("\\{([0-9]+(,[0-9]*)?|,[0-9]+)}");

  private final String regex;
  private final StringBuilder java = new StringBuilder();
  private final Map<String, Integer> groups = new HashMap<>();
  private int group;
  private int at;

  private PythonRegex(String regex) {
    this.regex = regex;
  }

  /**
   * @throws java.util.regex.PatternSyntaxException where it is none
   */
  static Pattern compile(String regex) {
    return Pattern.compile(
        new PythonRegex(regex).translated(), Pattern.UNIX_LINES | Pattern.UNICODE_CHARACTER_CLASS);
  }

  private String translated() {
    while (at < regex.length()) {
      char c = regex.charAt(at);
      switch (c) {
        case '\\' -> escape();
        case '[' -> brackets();
        case '(' -> parenthesis();
        case '{' -> brace();
        default -> keep(1);
      }
    }
    return java.toString();
  }

  private void keep(int chars) {
    int end = Math.min(regex.length(), at + chars);
    java.append(regex, at, end);
    at = end;
  }

  private void escape() {
    if (regex.startsWith("\\Z", at)) {
      java.append("\\z");
      at += 2;
    } else {
      keep(2);
    }
  }

  /** A {@code ]} that comes first is one of the characters. */
  private void brackets() {
    keep(1);
    if (regex.startsWith("^", at)) {
      keep(1);
    }
    if (regex.startsWith("]", at)) {
      java.append("\\]");
      at++;
    }
    while (at < regex.length() && regex.charAt(at) != ']') {
      char c = regex.charAt(at);
      if (c == '\\') {
        keep(2);
      } else {
        if (c == '[' || c == '&') {
          java.append('\\');
        }
        keep(1);
      }
    }
    keep(1);
  }

  private void parenthesis() {
    if (regex.startsWith("(?P<", at)) {
      int end = regex.indexOf('>', at);
      if (end > 0) {
        group++;
        groups.put(regex.substring(at + 4, end), group);
        java.append('(');
        at = end + 1;
        return;
      }
    }
    if (regex.startsWith("(?P=", at)) {
      int end = regex.indexOf(')', at);
      Integer number = end < 0 ? null : groups.get(regex.substring(at + 4, end));
      if (number != null) {
        java.append("(?:\\").append(number).append(')');
        at = end + 1;
        return;
      }
    }
    if (!regex.startsWith("(?", at)) {
      group++;
    }
    keep(1);
  }

  private void brace() {
    var quantifier = QUANTIFIER.matcher(regex).region(at, regex.length());
    if (!quantifier.lookingAt()) {
      java.append("\\{");
      at++;
    } else if (regex.startsWith("{,", at)) {
      java.append("{0");
      at++;
    } else {
      keep(quantifier.end() - at);
    }
  }
}
