package dev.slipway.eval.report;

import dev.slipway.eval.metric.Interval;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What model cards are written with: Markdown and YAML that no text from outside can break. */
final class CardText {
  private CardText() {}

  /** The front matter's licence. */
  static void licenceFields(StringBuilder out, @Nullable String license) {
    if (license == null) {
      out.append("license: other\nlicense_name: ")
          .append(quoted("to be settled by whoever publishes"))
          .append('\n');
    } else {
      out.append("license: ").append(quoted(license)).append('\n');
    }
  }

  /** The section at the card's end. */
  static void licence(StringBuilder out, @Nullable String license) {
    out.append("\n## Licence\n\n");
    out.append(
        license == null
            ? "None was chosen. The weights derive from the training data: whoever publishes them"
                + " settles the licence with regard to the data's own.\n"
            : "`" + line(license).replace('`', '\'') + "`.\n");
  }

  static void section(StringBuilder out, String title, List<String> sentences) {
    if (!sentences.isEmpty()) {
      out.append("\n## ").append(title).append("\n\n");
      sentences.forEach(sentence -> out.append("- ").append(line(sentence)).append('\n'));
    }
  }

  static String row(String name, Interval value) {
    return row(name, number(value.estimate()), between(value));
  }

  static String row(String... cells) {
    StringBuilder row = new StringBuilder("|");
    for (String cell : cells) {
      row.append(' ').append(line(cell).replace("|", "\\|")).append(" |");
    }
    return row.append('\n').toString();
  }

  static String between(@Nullable Interval interval) {
    return interval == null ? "–" : number(interval.low()) + " to " + number(interval.high());
  }

  static String number(double value) {
    return Figures.decimals(value, 4);
  }

  /** One line of Markdown in which no tag is one. */
  static String line(String text) {
    return text.replaceAll("\\s+", " ").strip().replace("&", "&amp;").replace("<", "&lt;");
  }

  static String code(String text) {
    return "`" + text.replaceAll("[`\\s]+", " ").strip() + "`";
  }

  /** A fence longer than any run of backticks within. */
  static String fenced(String language, String text) {
    String fence = "```";
    while (text.contains(fence)) {
      fence += "`";
    }
    String end = text.endsWith("\n") ? "" : "\n";
    return fence + language + "\n" + text + end + fence + "\n";
  }

  /** A string in double quotes, as YAML, JSON and Python all read it. */
  static String quoted(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ' || c == 0x7F || Character.isSurrogate(c) && !paired(text, i)) {
        out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    return out.append('"').toString();
  }

  private static boolean paired(String text, int i) {
    return Character.isHighSurrogate(text.charAt(i))
        ? i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))
        : i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
  }

  static String shell(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }
}
