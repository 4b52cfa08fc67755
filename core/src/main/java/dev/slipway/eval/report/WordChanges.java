package dev.slipway.eval.report;

import static dev.slipway.eval.report.Markup.html;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The beginning of a text with what was taken out and put in, word by word. */
final class WordChanges {
  private static final int WORDS = 40;

  private WordChanges() {}

  private enum Change {
    KEPT,
    TAKEN_OUT,
    PUT_IN
  }

  private record Word(String text, Change change) {}

  /** One line: words that were taken out struck through, those put in marked. */
  static Markup markup(String before, String after) {
    List<String> old = words(before);
    List<Word> told = changes(old, words(after));
    int shown = 0;
    int seen = 0; // of the text as it was
    while (shown < told.size() && seen < WORDS) {
      seen += told.get(shown++).change == Change.PUT_IN ? 0 : 1;
    }
    List<Markup> parts = new ArrayList<>();
    for (int from = 0; from < shown; ) {
      Change change = told.get(from).change;
      int to = from;
      List<String> run = new ArrayList<>();
      while (to < shown && told.get(to).change == change) {
        run.add(told.get(to++).text);
      }
      String text = String.join(" ", run);
      parts.add(
          switch (change) {
            case KEPT -> html("{} ", text);
            case TAKEN_OUT -> html("<del>{}</del> ", text);
            case PUT_IN -> html("<ins>{}</ins> ", text);
          });
      from = to;
    }
    return html("<p>{}{}</p>", parts, shown < told.size() ? "…" : "");
  }

  private static List<String> words(String text) {
    String stripped = text.strip();
    return stripped.isEmpty()
        ? List.of()
        : Arrays.stream(stripped.split("\\s+")).limit(2 * WORDS).toList();
  }

  /** By the longest common subsequence (Wagner and Fischer 1974). */
  private static List<Word> changes(List<String> before, List<String> after) {
    int[][] common = new int[before.size() + 1][after.size() + 1];
    for (int i = before.size() - 1; i >= 0; i--) {
      for (int j = after.size() - 1; j >= 0; j--) {
        common[i][j] =
            before.get(i).equals(after.get(j))
                ? common[i + 1][j + 1] + 1
                : Math.max(common[i + 1][j], common[i][j + 1]);
      }
    }
    List<Word> told = new ArrayList<>();
    int i = 0;
    int j = 0;
    while (i < before.size() || j < after.size()) {
      if (i < before.size() && j < after.size() && before.get(i).equals(after.get(j))) {
        told.add(new Word(before.get(i++), Change.KEPT));
        j++;
      } else if (j == after.size() || i < before.size() && common[i + 1][j] >= common[i][j + 1]) {
        told.add(new Word(before.get(i++), Change.TAKEN_OUT));
      } else {
        told.add(new Word(after.get(j++), Change.PUT_IN));
      }
    }
    return told;
  }
}
