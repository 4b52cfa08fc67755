package dev.slipway.eval.metric.text;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Word and character error rate: the fewest substitutions, deletions and insertions that turn the
 * reference into what was told, over the reference's length; summed over a corpus. Levenshtein
 * 1966; as jiwer 4.0 with its default transformations.
 *
 * @param edits substitutions, deletions and insertions
 * @param length words or characters of the reference
 */
public record ErrorRate(long edits, long length) {
  /** By words: parted by blanks, case and punctuation kept. */
  public static ErrorRate ofWords(String reference, String told) {
    Map<String, Integer> ids = new HashMap<>();
    int[] given = ids(words(reference), ids);
    return new ErrorRate(distance(given, ids(words(told), ids)), given.length);
  }

  /** By characters (code points), white space at both ends left out. */
  public static ErrorRate ofCharacters(String reference, String told) {
    int[] given = Spaces.strip(reference).codePoints().toArray();
    return new ErrorRate(distance(given, Spaces.strip(told).codePoints().toArray()), given.length);
  }

  private static List<String> words(String text) {
    return Arrays.stream(Spaces.strip(Spaces.collapse(text)).split(" ", -1))
        .filter(word -> !word.isEmpty())
        .toList();
  }

  private static int[] ids(List<String> words, Map<String, Integer> ids) {
    return words.stream().mapToInt(word -> idOf(word, ids)).toArray();
  }

  private static int idOf(String word, Map<String, Integer> ids) {
    Integer known = ids.putIfAbsent(word, ids.size());
    return known == null ? ids.size() - 1 : known;
  }

  private static long distance(int[] given, int[] told) {
    int[] row = new int[told.length + 1];
    Arrays.setAll(row, j -> j);
    for (int i = 0; i < given.length; i++) {
      int diagonal = row[0];
      row[0] = i + 1;
      for (int j = 0; j < told.length; j++) {
        int above = row[j + 1];
        int change = given[i] == told[j] ? diagonal : diagonal + 1;
        row[j + 1] = Math.min(change, Math.min(above, row[j]) + 1);
        diagonal = above;
      }
    }
    return row[told.length];
  }
}
