package dev.slipway.eval.metric.text;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * ROUGE of one text against a reference: the F1 of n-grams in common, or of the longest common
 * subsequence. Lin 2004, "ROUGE: A Package for Automatic Evaluation of Summaries". As rouge-score
 * 0.1.2 without its stemmer: lower case, only a–z and 0–9, so that letters with accents are lost.
 */
public final class Rouge {
  /**
   * @param precision share of what was told that is in the reference
   * @param recall share of the reference that was told
   * @param f1 their harmonic mean, 0 of nothing in common
   */
  public record Score(double precision, double recall, double f1) {
    static Score of(int matches, int told, int given) {
      double precision = (double) matches / Math.max(1, told);
      double recall = (double) matches / Math.max(1, given);
      double sum = precision + recall;
      return new Score(precision, recall, sum > 0 ? 2 * precision * recall / sum : 0);
    }
  }

  private Rouge() {}

  public static List<String> tokenize(String text) {
    return Arrays.stream(text.toLowerCase(Locale.ROOT).split("[^a-z0-9]+", -1))
        .filter(word -> !word.isEmpty())
        .toList();
  }

  /** ROUGE-N, such as ROUGE-1 and ROUGE-2. */
  public static Score ofNgrams(String reference, String told, int n) {
    Map<List<String>, Integer> given = Counts.ofWords(tokenize(reference), n).get(n - 1);
    Map<List<String>, Integer> written = Counts.ofWords(tokenize(told), n).get(n - 1);
    return Score.of(Counts.matches(given, written), Counts.total(written), Counts.total(given));
  }

  /** ROUGE-L. */
  public static Score ofLongestCommonSubsequence(String reference, String told) {
    List<String> given = tokenize(reference);
    List<String> written = tokenize(told);
    int[] before = new int[written.size() + 1];
    for (String word : given) {
      int[] row = new int[before.length];
      for (int j = 0; j < written.size(); j++) {
        row[j + 1] = word.equals(written.get(j)) ? before[j] + 1 : Math.max(row[j], before[j + 1]);
      }
      before = row;
    }
    return Score.of(before[written.size()], written.size(), given.size());
  }
}
