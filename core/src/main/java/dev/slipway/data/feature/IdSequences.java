package dev.slipway.data.feature;

import dev.slipway.data.example.Draw;
import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.Values;
import dev.slipway.nn.InputShape;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Sequences of ids of all examples, cut and padded with 0. Beyond {@link Padding#PRE} the true
 * lengths come along, at least 1: an empty text is one padding.
 *
 * @param ids of each example, not longer than {@code length}
 */
record IdSequences(InputShape shape, int[][] ids, int length, Padding padding) implements Encoded {
  private static final int[] ALL_AS_LONG = {};

  static InputShape shape(String name, int cardinality, int length, Padding padding) {
    return InputShape.ids(
        name, cardinality, padding == Padding.LONGEST ? InputShape.VARIABLE : (long) length);
  }

  static IdSequences of(InputShape shape, int[][] ids, int length, Padding padding) {
    int[][] cut = new int[ids.length][];
    for (int i = 0; i < ids.length; i++) {
      cut[i] = ids[i].length > length ? Arrays.copyOf(ids[i], length) : ids[i];
    }
    return new IdSequences(shape, cut, length, padding);
  }

  @Override
  public Values gather(int[] examples, Draw @Nullable [] draws) {
    int width = padding == Padding.LONGEST ? 1 : length;
    int[] lengths = new int[examples.length];
    for (int row = 0; row < examples.length; row++) {
      lengths[row] = Math.max(1, ids[examples[row]].length);
      width = Math.max(width, lengths[row]);
    }
    int[] values = new int[Math.multiplyExact(examples.length, width)];
    for (int row = 0; row < examples.length; row++) {
      int[] from = ids[examples[row]];
      int at = row * width + (padding == Padding.PRE ? width - from.length : 0);
      System.arraycopy(from, 0, values, at, from.length);
    }
    return new Values.Ids(
        values,
        new long[] {examples.length, width},
        padding == Padding.PRE ? ALL_AS_LONG : lengths);
  }
}
