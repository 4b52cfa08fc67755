package dev.slipway.eval.metric.text;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** How often each n-gram occurs. */
final class Counts {
  private Counts() {}

  /** Of words; the orders from 1 up to {@code orders}, one map each. */
  static List<Map<List<String>, Integer>> ofWords(List<String> words, int orders) {
    return IntStream.rangeClosed(1, orders)
        .mapToObj(
            n -> {
              Map<List<String>, Integer> counts = new HashMap<>();
              for (int i = 0; i + n <= words.size(); i++) {
                counts.merge(words.subList(i, i + n), 1, Integer::sum);
              }
              return counts;
            })
        .toList();
  }

  /** Of code points, of one order. */
  static Map<String, Integer> ofCharacters(String text, int n) {
    int[] starts = new int[text.codePointCount(0, text.length()) + 1];
    int at = 0;
    for (int i = 1; i < starts.length; i++) {
      at = text.offsetByCodePoints(at, 1);
      starts[i] = at;
    }
    Map<String, Integer> counts = new HashMap<>();
    for (int i = 0; i + n < starts.length; i++) {
      counts.merge(text.substring(starts[i], starts[i + n]), 1, Integer::sum);
    }
    return counts;
  }

  static int total(Map<?, Integer> counts) {
    int total = 0;
    for (int count : counts.values()) {
      total += count;
    }
    return total;
  }

  /** Σ min(a, b) over n-grams. */
  static <K> int matches(Map<K, Integer> a, Map<K, Integer> b) {
    int matches = 0;
    for (Map.Entry<K, Integer> entry : a.entrySet()) {
      matches += Math.min(entry.getValue(), b.getOrDefault(entry.getKey(), 0));
    }
    return matches;
  }
}
