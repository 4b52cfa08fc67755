package dev.slipway.data.source;

import java.util.List;
import java.util.regex.Pattern;

/**
 * A pattern for paths with {@code /} as on every system, as {@code .gitignore} and shells with
 * globstar have it: {@code *} and {@code ?} stay within a name, {@code **} spans folders and {@code
 * **}{@code /} also none, {@code {a,b}} is a choice, {@code [a-z]} a class, {@code \} quotes. Case
 * counts.
 */
public record Glob(String pattern, Pattern regex) {
  /** Whether some pattern matches; none given means all match. */
  public static boolean included(List<Glob> include, List<Glob> exclude, String path) {
    return (include.isEmpty() || include.stream().anyMatch(g -> g.matches(path)))
        && exclude.stream().noneMatch(g -> g.matches(path));
  }

  /** Each of these patterns. */
  public static List<Glob> all(List<String> patterns) {
    return patterns.stream().map(Glob::of).toList();
  }

  /**
   * Reads a pattern.
   *
   * @throws IllegalArgumentException if a brace or bracket is not closed
   */
  public static Glob of(String pattern) {
    StringBuilder regex = new StringBuilder();
    int braces = 0;
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      switch (c) {
        case '*' -> {
          if (pattern.startsWith("**/", i) && (i == 0 || pattern.charAt(i - 1) == '/')) {
            regex.append("(?:.*/)?");
            i += 2;
          } else if (pattern.startsWith("**", i)) {
            regex.append(".*");
            i++;
          } else {
            regex.append("[^/]*");
          }
        }
        case '?' -> regex.append("[^/]");
        case '{' -> {
          regex.append("(?:");
          braces++;
        }
        case '}' -> {
          regex.append(braces > 0 ? ")" : "\\}");
          braces = Math.max(0, braces - 1);
        }
        case ',' -> regex.append(braces > 0 ? "|" : ",");
        case '[' -> {
          int end = pattern.indexOf(']', i + 2);
          if (end < 0) {
            throw new IllegalArgumentException("the [ of '" + pattern + "' is never closed");
          }
          String inside = pattern.substring(i + 1, end);
          boolean negated = inside.startsWith("!") || inside.startsWith("^");
          regex
              .append(negated ? "[^/" : "[")
              .append(inside.substring(negated ? 1 : 0).replaceAll("([\\\\\\[\\]&^])", "\\\\$1"))
              .append(']');
          i = end;
        }
        case '\\' -> {
          i = Math.min(i + 1, pattern.length() - 1);
          regex.append(Pattern.quote(pattern.substring(i, i + 1)));
        }
        default -> regex.append(Pattern.quote(String.valueOf(c)));
      }
    }
    if (braces > 0) {
      throw new IllegalArgumentException("the { of '" + pattern + "' is never closed");
    }
    return new Glob(pattern, Pattern.compile(regex.toString(), Pattern.DOTALL));
  }

  public boolean matches(String path) {
    return regex.matcher(path).matches();
  }
}
