package dev.slipway.cli.run;

import dev.slipway.task.ShownRow;
import dev.slipway.task.ShownRow.ShownToken;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The first batch as people read it: every token between bars, what is learnt on lines of its own
 * behind a plus sign.
 */
final class FirstBatchText {
  /** Characters of a line. */
  private static final int WIDTH = 96;

  /** Tokens that are shown; the rest stands in the run's events. */
  private static final int MOST = 600;

  private FirstBatchText() {}

  static List<String> lines(List<ShownRow> rows) {
    List<String> lines = new ArrayList<>();
    long tokens = rows.stream().mapToLong(row -> row.tokens().size()).sum();
    long learnt =
        rows.stream().flatMap(row -> row.tokens().stream()).filter(ShownToken::learnt).count();
    lines.add(
        String.format(
            Locale.ROOT,
            "first batch: %,d rows, %,d tokens; + marks the %,d that are learnt",
            rows.size(),
            tokens,
            learnt));
    int shown = 0;
    for (int row = 0; row < rows.size() && shown < MOST; row++) {
      List<ShownToken> some = rows.get(row).tokens();
      some = some.subList(0, Math.min(some.size(), MOST - shown));
      shown += some.size();
      lines.add("row " + (row + 1));
      add(some, lines);
    }
    if (shown < tokens) {
      lines.add(
          String.format(Locale.ROOT, "… and %,d tokens more, all in events.jsonl", tokens - shown));
    }
    return lines;
  }

  private static void add(List<ShownToken> tokens, List<String> lines) {
    StringBuilder line = new StringBuilder();
    boolean learnt = false;
    for (ShownToken token : tokens) {
      String text = visible(token.text()) + "|";
      if (line.isEmpty() || token.learnt() != learnt || line.length() + text.length() > WIDTH) {
        if (!line.isEmpty()) {
          lines.add(line.toString());
        }
        learnt = token.learnt();
        line.setLength(0);
        line.append(learnt ? "+ |" : "  |");
      }
      line.append(text);
    }
    if (!line.isEmpty()) {
      lines.add(line.toString());
    }
  }

  /** Line ends and whatever moves the cursor as signs, so that a token stays on its line. */
  private static String visible(String text) {
    StringBuilder out = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '\n' -> out.append('⏎');
                case '\r' -> out.append('␍');
                case '\t' -> out.append('⇥');
                default -> {
                  if (Character.isISOControl(c)) {
                    out.append(String.format(Locale.ROOT, "\\x%02x", c));
                  } else {
                    out.appendCodePoint(c);
                  }
                }
              }
            });
    return out.toString();
  }
}
