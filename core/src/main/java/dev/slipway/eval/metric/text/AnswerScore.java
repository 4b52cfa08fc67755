package dev.slipway.eval.metric.text;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A short answer beside the right ones, as SQuAD's script scores it: both without capitals,
 * punctuation, articles and surplus blanks. Rajpurkar et al. 2016, section 6.1; Rajpurkar et al.
 * 2018 for questions without an answer.
 *
 * @param exact whether it is one of them
 * @param f1 of the words that it has in common with the nearest of them; where there is no answer 1
 *     or 0
 */
public record AnswerScore(boolean exact, double f1) {
  private static final Pattern ARTICLES =
      Pattern.compile("\\b(a|an|the)\\b", Pattern.UNICODE_CHARACTER_CLASS);
  private static final Pattern PUNCTUATION = Pattern.compile("\\p{Punct}");

  /**
   * Scores an answer.
   *
   * @param right what is right; empty where the question has no answer
   * @param told empty for no answer
   */
  public static AnswerScore of(List<String> right, String told) {
    List<String> given =
        right.stream().filter(answer -> !normalised(answer).isEmpty()).distinct().toList();
    boolean exact = false;
    double f1 = 0;
    for (String one : given.isEmpty() ? List.of("") : given) {
      exact |= normalised(one).equals(normalised(told));
      f1 = Math.max(f1, f1(Spaces.words(normalised(one)), Spaces.words(normalised(told))));
    }
    return new AnswerScore(exact, f1);
  }

  /** As answers are compared. */
  static String normalised(String text) {
    String bare = PUNCTUATION.matcher(text.toLowerCase(Locale.ROOT)).replaceAll("");
    return String.join(" ", Spaces.words(ARTICLES.matcher(bare).replaceAll(" ")));
  }

  private static double f1(List<String> right, List<String> told) {
    if (right.isEmpty() || told.isEmpty()) {
      return right.isEmpty() && told.isEmpty() ? 1 : 0;
    }
    Map<String, Integer> left = new HashMap<>();
    right.forEach(word -> left.merge(word, 1, Integer::sum));
    int common = 0;
    for (String word : told) {
      if (left.merge(word, -1, Integer::sum) >= 0) {
        common++;
      }
    }
    return 2.0 * common / (right.size() + told.size());
  }
}
