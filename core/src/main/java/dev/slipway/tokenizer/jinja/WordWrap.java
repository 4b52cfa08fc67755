package dev.slipway.tokenizer.jinja;

import java.util.ArrayList;
import java.util.List;

/** The filter {@code wordwrap}, as Python's {@code textwrap} fills lines. */
final class WordWrap {
  private WordWrap() {}

  static Value filter(String text, Value value, Arguments arguments) {
    Arguments.Bound bound =
        arguments.bind(
            "do_wordwrap", 2, 0, "width", "break_long_words", "wrapstring", "break_on_hyphens");
    if (!(value instanceof Value.Text)) {
      Equality.failIfUndefined(value);
      throw new TemplateException(
          "AttributeError",
          "%s object has no attribute 'splitlines'".formatted(Printed.quoted(value.typeName())));
    }
    int width = bound.integer(0, 79);
    boolean breakLong = bound.isTrue(1, true);
    String separator = bound.present(2) == null ? "\n" : bound.text(2, "\n");
    boolean hyphens = bound.isTrue(3, true);
    if (width <= 0) {
      throw TemplateException.value("invalid width %d (must be > 0)".formatted(width));
    }
    List<String> wrapped = new ArrayList<>();
    for (String line : StringMethods.lines(text, false)) {
      wrapped.add(String.join(separator, lines(chunks(line, hyphens), width, breakLong, hyphens)));
    }
    return Value.of(String.join(separator, wrapped));
  }

  /** Words and the space between them; words end behind hyphens between letters. */
  private static List<String> chunks(String line, boolean hyphens) {
    List<String> chunks = new ArrayList<>();
    int from = 0;
    for (int at = 1; at <= line.length(); at++) {
      boolean cut =
          at == line.length()
              || isSpace(line.charAt(at)) != isSpace(line.charAt(at - 1))
              || (hyphens && endsBehindHyphen(line, at));
      if (cut) {
        chunks.add(line.substring(from, at));
        from = at;
      }
    }
    return chunks;
  }

  private static boolean isSpace(char c) {
    return c == ' ' || (c >= 9 && c <= 13);
  }

  private static boolean endsBehindHyphen(String line, int at) {
    return line.charAt(at - 1) == '-'
        && at >= 3
        && at + 1 < line.length()
        && Character.isLetter(line.charAt(at - 2))
        && Character.isLetter(line.charAt(at - 3))
        && Character.isLetter(line.charAt(at))
        && Character.isLetter(line.charAt(at + 1));
  }

  private static List<String> lines(
      List<String> chunks, int width, boolean breakLong, boolean hyphens) {
    List<String> left = new ArrayList<>(chunks.reversed());
    List<String> lines = new ArrayList<>();
    while (!left.isEmpty()) {
      List<String> current = new ArrayList<>();
      int length = 0;
      if (left.getLast().isBlank() && !lines.isEmpty()) {
        left.removeLast();
      }
      while (!left.isEmpty() && length + CodePoints.length(left.getLast()) <= width) {
        length += CodePoints.length(left.getLast());
        current.add(left.removeLast());
      }
      if (!left.isEmpty() && CodePoints.length(left.getLast()) > width) {
        breakWord(left, current, length, width, breakLong, hyphens);
      }
      if (!current.isEmpty() && current.getLast().isBlank()) {
        current.removeLast();
      }
      if (!current.isEmpty()) {
        lines.add(String.join("", current));
      }
    }
    return lines;
  }

  private static void breakWord(
      List<String> left,
      List<String> current,
      int length,
      int width,
      boolean breakLong,
      boolean hyphens) {
    int space = width < 1 ? 1 : width - length;
    String word = left.getLast();
    if (breakLong) {
      int end = space;
      if (hyphens && CodePoints.length(word) > space) {
        int hyphen = CodePoints.slice(word, 0, space).lastIndexOf('-');
        if (hyphen > 0 && word.substring(0, hyphen).chars().anyMatch(c -> c != '-')) {
          end = hyphen + 1;
        }
      }
      int offset = CodePoints.offset(word, end);
      current.add(word.substring(0, offset));
      left.set(left.size() - 1, word.substring(offset));
    } else if (current.isEmpty()) {
      current.add(left.removeLast());
    }
  }
}
