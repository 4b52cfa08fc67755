package dev.slipway.data.feature;

import dev.slipway.data.example.Draw;
import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.Values;
import dev.slipway.nn.InputShape;
import org.jspecify.annotations.Nullable;

/**
 * Ids of all examples in memory, of differing lengths; a batch is padded with 0 to its longest.
 *
 * @param ids of each example
 */
public record EncodedSequences(InputShape shape, int[][] ids) implements Encoded {
  @Override
  public Values gather(int[] examples, Draw @Nullable [] draws) {
    int[][] rows = new int[examples.length][];
    for (int row = 0; row < rows.length; row++) {
      rows[row] = ids[examples[row]];
    }
    return padded(rows);
  }

  /** Rows of ids as one batch. */
  static Values.Ids padded(int[][] rows) {
    int longest = 1;
    int[] lengths = new int[rows.length];
    for (int row = 0; row < rows.length; row++) {
      lengths[row] = rows[row].length;
      longest = Math.max(longest, lengths[row]);
    }
    int[] values = new int[Math.multiplyExact(rows.length, longest)];
    for (int row = 0; row < rows.length; row++) {
      System.arraycopy(rows[row], 0, values, row * longest, lengths[row]);
    }
    return new Values.Ids(values, new long[] {rows.length, longest}, lengths);
  }
}
