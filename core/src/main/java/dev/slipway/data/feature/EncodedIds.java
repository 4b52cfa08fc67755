package dev.slipway.data.feature;

import dev.slipway.data.example.Draw;
import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.Values;
import dev.slipway.nn.InputShape;
import org.jspecify.annotations.Nullable;

/**
 * Ids of all examples in memory, as many for each.
 *
 * @param values examples × the product of the shape's sizes
 */
public record EncodedIds(InputShape shape, int[] values) implements Encoded {
  private static final int[] AS_LONG = {};

  @Override
  public Values gather(int[] examples, Draw @Nullable [] draws) {
    long[] sizes = new long[shape.sizes().size() + 1];
    sizes[0] = examples.length;
    int width = 1;
    for (int i = 1; i < sizes.length; i++) {
      sizes[i] = shape.sizes().get(i - 1);
      width = Math.toIntExact(width * sizes[i]);
    }
    int[] rows = new int[Math.multiplyExact(examples.length, width)];
    for (int row = 0; row < examples.length; row++) {
      System.arraycopy(values, examples[row] * width, rows, row * width, width);
    }
    return new Values.Ids(rows, sizes, AS_LONG);
  }
}
