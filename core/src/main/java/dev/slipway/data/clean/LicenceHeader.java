package dev.slipway.data.clean;

import java.util.regex.Pattern;

/**
 * Recognises licence headers, one file at a time so that cleaning stays a pure function: the first
 * comments of a file, before any code, as long as each speaks of copyright or a licence. A comment
 * is a block ({@code /* … *}{@code /}, {@code <!-- … -->}) or a run of lines that begin with {@code
 * //}, {@code #}, {@code --}, {@code ;} or {@code %}. A first line {@code #!} stays, and so does
 * the first comment that is about something else, with all that follows.
 */
public final class LicenceHeader {
  private static final Pattern LICENCE =
      Pattern.compile(
          "copyright|\\(c\\) *\\d{4}|spdx-license-identifier|all rights reserved|licen[sc]ed (to|under)"
              + "|(under|by) the[\\s*#/]+(terms[\\s*#/]+of|[^.]{0,60}licen[sc]e)|public domain",
          Pattern.CASE_INSENSITIVE);
  private static final String[] LINE_MARKS = {"//", "#", "--", ";", "%"};

  private LicenceHeader() {}

  /** The text without its licence header, or the same text when it has none. */
  public static String strip(String text) {
    int keep = 0;
    if (text.startsWith("#!")) {
      keep = lineEnd(text, 0);
    }
    int from = skipBlank(text, keep);
    int header = from;
    while (true) {
      int end = commentEnd(text, from);
      boolean licence = end > from && LICENCE.matcher(text).region(from, end).find();
      if (!licence && !isEmptyComment(text, from, end)) {
        break;
      }
      from = skipBlank(text, end);
      header = licence ? from : header;
    }
    return header == skipBlank(text, keep)
        ? text
        : text.substring(0, keep) + text.substring(header);
  }

  /** Some files have an empty comment where a header was, and the real one after it. */
  private static boolean isEmptyComment(String text, int from, int end) {
    return end > from && text.substring(from, end).codePoints().noneMatch(Character::isLetter);
  }

  /** Where the comment that begins at {@code from} ends, or {@code from} if there is none. */
  private static int commentEnd(String text, int from) {
    if (text.startsWith("/*", from)) {
      int end = text.indexOf("*/", from + 2);
      return end < 0 ? from : end + 2;
    }
    if (text.startsWith("<!--", from)) {
      int end = text.indexOf("-->", from + 4);
      return end < 0 ? from : end + 3;
    }
    for (String mark : LINE_MARKS) {
      int end = from;
      while (end < text.length() && isCommentLine(text, end, mark)) {
        end = lineEnd(text, end);
      }
      if (end > from) {
        return end;
      }
    }
    return from;
  }

  private static boolean isCommentLine(String text, int line, String mark) {
    int from = line;
    while (from < text.length() && (text.charAt(from) == ' ' || text.charAt(from) == '\t')) {
      from++;
    }
    if (!text.startsWith(mark, from)) {
      return false;
    }
    // In C a # with a word is no comment but a directive, in CSS and Markdown it is a name.
    int after = from + 1;
    return !mark.equals("#") || after == text.length() || !Character.isLetter(text.charAt(after));
  }

  /** After the line's end. */
  private static int lineEnd(String text, int from) {
    int end = text.indexOf('\n', from);
    return end < 0 ? text.length() : end + 1;
  }

  /** Past blank lines, to the beginning of the first line that isn't blank. */
  private static int skipBlank(String text, int from) {
    int line = from;
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\n') {
        line = i + 1;
      } else if (!Character.isWhitespace(c)) {
        return line == from ? i : line;
      }
    }
    return text.length();
  }
}
