package dev.slipway.data.conversation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Puts whole sequences into rows by best fit, the longest first (Johnson 1974; Ding et al. 2024 for
 * language models): each goes where the least room is left. No sequence is cut, and none sees
 * another one in its row.
 */
final class Packing {
  private Packing() {}

  /**
   * Rows of sequences, the same for the same lengths.
   *
   * @param lengths none above {@code room}
   * @param room tokens that a row holds
   */
  static int[][] pack(int[] lengths, int room) {
    List<Integer> order =
        IntStream.range(0, lengths.length)
            .boxed()
            .sorted(Comparator.comparing((Integer i) -> -lengths[i]).thenComparing(i -> i))
            .toList();
    List<List<Integer>> rows = new ArrayList<>();
    TreeMap<Integer, Deque<Integer>> byRoom = new TreeMap<>();
    for (int sequence : order) {
      int length = lengths[sequence];
      if (length > room) {
        throw new IllegalArgumentException(length + " tokens in a row of " + room);
      }
      Map.Entry<Integer, Deque<Integer>> tightest = byRoom.ceilingEntry(length);
      int row;
      int left;
      if (tightest == null) {
        row = rows.size();
        rows.add(new ArrayList<>());
        left = room - length;
      } else {
        row = tightest.getValue().removeFirst();
        left = tightest.getKey() - length;
        if (tightest.getValue().isEmpty()) {
          byRoom.remove(tightest.getKey());
        }
      }
      rows.get(row).add(sequence);
      if (left > 0) {
        byRoom.computeIfAbsent(left, _ -> new ArrayDeque<>()).addLast(row);
      }
    }
    return rows.stream()
        .map(row -> row.stream().mapToInt(Integer::intValue).toArray())
        .toArray(int[][]::new);
  }
}
