package dev.slipway.data.clean;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Recognises what a program wrote: among the first 100 lines a comment line says so, such as {@code
 * DO NOT EDIT} (also Go's convention, golang.org/s/generatedcode), {@code @generated}, or {@code
 * This file was generated}.
 */
public final class GeneratedText {
  private static final int LINES = 100;
  private static final Pattern COMMENT =
      Pattern.compile("^\\s*(//|/\\*|\\*|#|--|<!--|;|%|\"\"\"|')");
  private static final Pattern MARK =
      Pattern.compile(
          "(?i:do not (manually )?edit\\b|do not modify it directly)|@generated\\b"
              + "|(?i:\\bthis (file|source|code|is) (is|was|has been|an) (\\w+ ){0,3}?(auto-?)?generated( file)?\\b)"
              + "|(?i:^\\W*(code|file|automatically|auto-?|machine|mechanically)[ -]?generated (by|from|file|code)\\b)");

  private GeneratedText() {}

  /** The line that says that the text was generated, or null. */
  public static @Nullable String mark(String text) {
    int from = 0;
    for (int line = 0; line < LINES && from < text.length(); line++) {
      int end = text.indexOf('\n', from);
      end = end < 0 ? text.length() : end;
      String content = text.substring(from, end);
      if (COMMENT.matcher(content).find() && MARK.matcher(content).find()) {
        return content.strip();
      }
      from = end + 1;
    }
    return null;
  }
}
