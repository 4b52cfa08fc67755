package dev.slipway.data.feature;

import dev.slipway.data.example.Draw;
import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.Values;
import dev.slipway.nn.InputShape;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Ids of all examples, of each one row or several, of which one is drawn; a batch is filled up to
 * its longest row.
 *
 * @param rows {@code [example][window][token]}
 * @param fill what short rows are filled up with
 */
record Windows(InputShape shape, int[][][] rows, int fill) implements Encoded {
  @Override
  public Values gather(int[] examples, Draw @Nullable [] draws) {
    int[][] chosen = new int[examples.length][];
    for (int row = 0; row < chosen.length; row++) {
      int[][] windows = rows[examples[row]];
      chosen[row] =
          windows[TokensFeature.window(draws == null ? null : draws[row], windows.length)];
    }
    Values.Ids padded = EncodedSequences.padded(chosen);
    if (fill != 0) {
      int width = Math.toIntExact(padded.shape()[1]);
      for (int row = 0; row < chosen.length; row++) {
        Arrays.fill(padded.values(), row * width + chosen[row].length, (row + 1) * width, fill);
      }
    }
    return padded;
  }
}
