package dev.slipway.data.media;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the names of files tell, such as {@code {label}_{speaker}_{index}.wav}: each word in braces
 * is a field. It is held against as many last parts of a path as it has itself.
 *
 * @param text as it was given
 * @param regex with a named group a field
 * @param fields in their order
 * @param parts of a path
 */
public record NamePattern(String text, Pattern regex, List<String> fields, int parts) {
  private static final Pattern FIELD = Pattern.compile("\\{([A-Za-z][A-Za-z0-9]*)}");
  private static final Pattern GROUP = Pattern.compile("\\(\\?<([A-Za-z][A-Za-z0-9]*)>");

  public NamePattern {
    fields = List.copyOf(fields);
  }

  /**
   * Words in braces, the rest literally.
   *
   * @throws IllegalArgumentException if a brace is left over, no field is named, or one twice
   */
  public static NamePattern of(String template) {
    StringBuilder regex = new StringBuilder();
    List<String> fields = new ArrayList<>();
    Matcher matcher = FIELD.matcher(template);
    int at = 0;
    while (matcher.find()) {
      literal(regex, template, at, matcher.start());
      // As little as will do, so that the first separator ends it.
      regex.append("(?<").append(matcher.group(1)).append(">[^/]+?)");
      fields.add(matcher.group(1));
      at = matcher.end();
    }
    literal(regex, template, at, template.length());
    if (fields.isEmpty() || fields.stream().distinct().count() < fields.size()) {
      throw new IllegalArgumentException(
          "'" + template + "' names no field in braces, or one twice");
    }
    int parts = 1 + (int) template.chars().filter(c -> c == '/').count();
    return new NamePattern(template, Pattern.compile(regex.toString()), fields, parts);
  }

  /** A regular expression with named groups for the last part of a path without its ending. */
  public static NamePattern ofRegex(String regex) {
    List<String> fields =
        GROUP.matcher(regex).results().map((MatchResult result) -> result.group(1)).toList();
    return new NamePattern(regex, Pattern.compile("(?:" + regex + ")(?:\\.[^./]*)?"), fields, 1);
  }

  private static void literal(StringBuilder regex, String template, int from, int to) {
    String text = template.substring(from, to);
    if (text.contains("{") || text.contains("}")) {
      throw new IllegalArgumentException("'" + template + "' has a brace that holds no word");
    }
    if (!text.isEmpty()) {
      regex.append(Pattern.quote(text));
    }
  }

  /** The fields of a path; empty if it doesn't fit. */
  Optional<SequencedMap<String, String>> match(String path) {
    int from = path.length();
    for (int i = 0; i < parts && from >= 0; i++) {
      from = path.lastIndexOf('/', from - 1);
    }
    Matcher matcher = regex.matcher(path.substring(from + 1));
    if (!matcher.matches()) {
      return Optional.empty();
    }
    SequencedMap<String, String> found = new TreeMap<>();
    for (String field : fields) {
      found.put(field, matcher.group(field));
    }
    return Optional.of(found);
  }
}
