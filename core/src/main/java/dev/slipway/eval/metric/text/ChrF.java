package dev.slipway.eval.metric.text;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * chrF2: 100 · (1 + β²) P R / (β² P + R), β = 2, with P and R the mean precision and recall of
 * character n-grams up to 6, white space left out. Popović 2015, "chrF: character n-gram F-score
 * for automatic MT evaluation". chrF2++ also counts words and pairs of words (Popović 2017). As
 * sacrebleu 2.6.0.
 *
 * @param words orders of words beside those of characters: 0 for chrF2, 2 for chrF2++
 */
public record ChrF(int words) {
  private static final int CHARACTERS = 6;
  private static final double BETA_SQUARED = 4;
  private static final String PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

  /** Numbers of one segment: by order what was told, what was there, and what matches. */
  public int size() {
    return 3 * (CHARACTERS + words);
  }

  /** What sacrebleu would print beside the same number. */
  public String signature(List<List<String>> references) {
    String bleu = Bleu.signature(references);
    return bleu.substring(0, bleu.indexOf('|'))
        + "|case:mixed|eff:yes|nc:6|nw:"
        + words
        + "|space:no|version:2.6.0";
  }

  /** The {@link #size} numbers of a segment against its best reference; they add up. */
  public long[] numbers(String hypothesis, List<String> references) {
    List<Map<String, Integer>> told = counts(hypothesis);
    long[] best = new long[size()];
    double bestScore = -1;
    for (String reference : references) {
      List<Map<String, Integer>> given = counts(reference);
      long[] numbers = new long[size()];
      for (int n = 0; n < told.size(); n++) {
        numbers[3 * n] = given.get(n).isEmpty() ? 0 : Counts.total(told.get(n));
        numbers[3 * n + 1] = Counts.total(given.get(n));
        numbers[3 * n + 2] = Counts.matches(told.get(n), given.get(n));
      }
      double score = score(numbers);
      if (score > bestScore) {
        bestScore = score;
        best = numbers;
      }
    }
    return best;
  }

  /** The score from 0 to 100 of summed {@link #numbers}. */
  public double score(long[] numbers) {
    double precision = 0;
    double recall = 0;
    int orders = 0;
    for (int n = 0; n < CHARACTERS + words; n++) {
      if (numbers[3 * n] > 0 && numbers[3 * n + 1] > 0) {
        precision += (double) numbers[3 * n + 2] / numbers[3 * n];
        recall += (double) numbers[3 * n + 2] / numbers[3 * n + 1];
        orders++;
      }
    }
    if (precision + recall == 0) {
      return 0;
    }
    precision /= orders;
    recall /= orders;
    return 100 * (1 + BETA_SQUARED) * precision * recall / (BETA_SQUARED * precision + recall);
  }

  private List<Map<String, Integer>> counts(String text) {
    List<Map<String, Integer>> counts = new ArrayList<>();
    String characters = String.join("", Spaces.words(text));
    for (int n = 1; n <= CHARACTERS; n++) {
      counts.add(Counts.ofCharacters(characters, n));
    }
    if (words > 0) {
      List<String> split = withoutPunctuation(text);
      for (int n = 1; n <= words; n++) {
        Map<String, Integer> grams = new HashMap<>();
        for (int i = 0; i + n <= split.size(); i++) {
          grams.merge(String.join(" ", split.subList(i, i + n)), 1, Integer::sum);
        }
        counts.add(grams);
      }
    }
    return counts;
  }

  /** Splits one mark off the end of a word, or else off its beginning. */
  private static List<String> withoutPunctuation(String text) {
    List<String> split = new ArrayList<>();
    for (String word : Spaces.words(text)) {
      int length = word.length();
      if (word.codePointCount(0, length) == 1) {
        split.add(word);
      } else if (PUNCTUATION.indexOf(word.charAt(length - 1)) >= 0) {
        split.add(word.substring(0, length - 1));
        split.add(word.substring(length - 1));
      } else if (PUNCTUATION.indexOf(word.charAt(0)) >= 0) {
        split.add(word.substring(0, 1));
        split.add(word.substring(1));
      } else {
        split.add(word);
      }
    }
    return split;
  }
}
