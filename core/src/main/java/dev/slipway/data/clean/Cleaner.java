package dev.slipway.data.clean;

import dev.slipway.data.source.DropReason;
import dev.slipway.data.source.Dropped;
import dev.slipway.data.source.SourceRecord;
import dev.slipway.data.source.Utf8;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Applies the steps to one record after another; a pure function, for several threads at once.
 * Whatever the steps, a record is dropped that is not UTF-8, that is binary (it has a NUL, or more
 * than one in ten of its characters is a control character), or of which nothing but blanks is
 * left.
 */
public final class Cleaner {
  private static final int DETAIL = 120;

  private final List<CleanStep> steps;

  public Cleaner(List<CleanStep> steps) {
    this.steps = List.copyOf(steps);
  }

  /**
   * A record after cleaning: a text, or why there is none.
   *
   * @param utf8 the text's bytes; none if the record is dropped
   */
  public record Cleaned(String text, byte[] utf8, @Nullable Dropped dropped) {
    private static Cleaned dropped(DropReason reason, String detail) {
      String shortened = detail.length() > DETAIL ? detail.substring(0, DETAIL) + "…" : detail;
      return new Cleaned("", new byte[0], new Dropped(reason, shortened));
    }
  }

  public Cleaned clean(SourceRecord record) {
    if (record.problem() != null) {
      return new Cleaned("", new byte[0], record.problem());
    }
    String text = Utf8.decode(record.content());
    if (text == null) {
      return Cleaned.dropped(DropReason.NOT_UTF8, Utf8.firstInvalid(record.content()));
    }
    String binary = binary(text);
    if (binary != null) {
      return Cleaned.dropped(DropReason.BINARY, binary);
    }
    String original = text;
    for (CleanStep step : steps) {
      switch (step) {
        case CleanStep.Normalise normalise -> text = normalise(text, normalise);
        case CleanStep.StripHeader(CleanStep.Header header) ->
            text =
                switch (header) {
                  case LICENCE -> LicenceHeader.strip(text);
                };
        case CleanStep.Drop drop -> {
          Cleaned dropped = drop(text, original, drop);
          if (dropped != null) {
            return dropped;
          }
        }
      }
    }
    if (text.isBlank()) {
      return Cleaned.dropped(DropReason.EMPTY, "");
    }
    return new Cleaned(text, text.getBytes(StandardCharsets.UTF_8), null);
  }

  private static @Nullable String binary(String text) {
    int controls = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ') {
        if (c == 0) {
          return "a NUL at character " + i;
        }
        if (c != '\n' && c != '\r' && c != '\t' && c != '\f') {
          controls++;
        }
      }
    }
    return controls * 10L > text.length() ? controls + " control characters" : null;
  }

  private static @Nullable Cleaned drop(String text, String original, CleanStep.Drop drop) {
    if (text.isBlank()) {
      return Cleaned.dropped(DropReason.EMPTY, "");
    }
    long bytes = utf8Length(text);
    if (bytes < drop.shorterThan()) {
      return Cleaned.dropped(
          DropReason.TOO_SHORT, bytes + " bytes, and " + drop.shorterThan() + " are asked for");
    }
    if (drop.longerThan() > 0 && bytes > drop.longerThan()) {
      return Cleaned.dropped(
          DropReason.TOO_LONG, bytes + " bytes, and " + drop.longerThan() + " are allowed");
    }
    if (drop.generated()) {
      String mark = GeneratedText.mark(original);
      if (mark != null) {
        return Cleaned.dropped(DropReason.GENERATED, mark);
      }
    }
    return null;
  }

  private static long utf8Length(String text) {
    long bytes = text.length();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      // A pair of surrogates is four bytes, that is two for each char.
      bytes += c < 0x80 ? 0 : c < 0x800 || Character.isSurrogate(c) ? 1 : 2;
    }
    return bytes;
  }

  static String normalise(String text, CleanStep.Normalise step) {
    StringBuilder out = new StringBuilder(text.length() + 1);
    int from = text.startsWith("\uFEFF") ? 1 : 0;
    int end = text.length();
    while (from < end) {
      int to = from;
      while (to < end && text.charAt(to) != '\n' && text.charAt(to) != '\r') {
        to++;
      }
      int kept = to;
      while (step.trailingBlanks() && kept > from && isBlank(text.charAt(kept - 1))) {
        kept--;
      }
      out.append(text, from, kept).append('\n');
      from = to + (text.startsWith("\r\n", to) ? 2 : 1);
    }
    int length = out.length();
    while (length > 1 && out.charAt(length - 1) == '\n' && out.charAt(length - 2) == '\n') {
      length--;
    }
    out.setLength(length);
    String lines = out.toString();
    return step.unicode() ? Normalizer.normalize(lines, Normalizer.Form.NFC) : lines;
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t';
  }
}
