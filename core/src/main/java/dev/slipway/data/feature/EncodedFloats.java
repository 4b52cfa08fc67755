package dev.slipway.data.feature;

import dev.slipway.data.example.Draw;
import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.Values;
import dev.slipway.nn.InputShape;
import org.jspecify.annotations.Nullable;

/**
 * Floats of all examples in memory, one row after the other.
 *
 * @param values examples × the product of the shape's sizes
 */
public record EncodedFloats(InputShape shape, float[] values) implements Encoded {
  @Override
  public Values gather(int[] examples, Draw @Nullable [] draws) {
    long[] sizes = new long[shape.sizes().size() + 1];
    sizes[0] = examples.length;
    int width = 1;
    for (int i = 1; i < sizes.length; i++) {
      sizes[i] = shape.sizes().get(i - 1);
      width = Math.toIntExact(width * sizes[i]);
    }
    float[] rows = new float[Math.multiplyExact(examples.length, width)];
    for (int row = 0; row < examples.length; row++) {
      System.arraycopy(values, examples[row] * width, rows, row * width, width);
    }
    return new Values.Floats(rows, sizes);
  }
}
