package dev.slipway.task;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How long the training examples are in those inputs that differ from example to example, by the
 * inputs' names.
 *
 * @param mean rounded, at least 1
 * @param longest of all of them
 */
public record InputLengths(Map<String, Integer> mean, Map<String, Integer> longest) {
  public InputLengths {
    mean = Map.copyOf(mean);
    longest = Map.copyOf(longest);
  }

  /**
   * @param lengths of every example of the set, by input
   * @param members of the training split
   */
  static InputLengths of(Map<String, int[]> lengths, int[] members) {
    Map<String, Integer> mean = new LinkedHashMap<>();
    Map<String, Integer> longest = new LinkedHashMap<>();
    lengths.forEach(
        (input, all) -> {
          long sum = 0;
          int most = 1;
          for (int member : members) {
            sum += all[member];
            most = Math.max(most, all[member]);
          }
          mean.put(input, Math.max(1, Math.round((float) sum / Math.max(1, members.length))));
          longest.put(input, most);
        });
    return new InputLengths(mean, longest);
  }
}
