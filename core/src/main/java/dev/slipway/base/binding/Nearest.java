package dev.slipway.base.binding;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The known word that a mistyped one most likely meant. */
public final class Nearest {
  private Nearest() {}

  /**
   * The only one that it begins; none where more than a third of the letters, and more than one,
   * would have to change.
   */
  public static Optional<String> of(String word, Collection<String> known) {
    List<String> begun =
        known.stream().filter(k -> word.length() > 2 && k.startsWith(word)).toList();
    if (begun.size() == 1) {
      return Optional.of(begun.getFirst());
    }
    return known.stream()
        .filter(k -> Math.abs(word.length() - k.length()) <= allowed(word, k))
        .filter(k -> distance(word, k) <= allowed(word, k))
        .min(Comparator.comparingInt((String k) -> distance(word, k)).thenComparing(k -> k));
  }

  private static int allowed(String word, String known) {
    return Math.max(1, Math.max(word.length(), known.length()) / 3);
  }

  /**
   * Insertions, deletions, replacements and swaps of neighbours (Damerau 1964, the restricted
   * distance).
   */
  static int distance(String a, String b) {
    int[] beforeLast = new int[b.length() + 1];
    int[] last = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      last[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] row = new int[b.length() + 1];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        boolean same = a.charAt(i - 1) == b.charAt(j - 1);
        row[j] = Math.min(Math.min(row[j - 1], last[j]) + 1, last[j - 1] + (same ? 0 : 1));
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
        }
      }
      beforeLast = last;
      last = row;
    }
    return last[b.length()];
  }
}
