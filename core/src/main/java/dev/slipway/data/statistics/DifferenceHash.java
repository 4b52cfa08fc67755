package dev.slipway.data.statistics;

import dev.slipway.base.SlipwayException;
import dev.slipway.data.example.Value;
import dev.slipway.data.picture.Pictures;
import java.util.OptionalLong;

/**
 * Whether each of 8 × 8 places of a picture is darker than its right neighbour, on the mean grey of
 * 9 × 8 parts (Krawetz 2013, dHash): size, format and brightness hardly change it.
 */
public record DifferenceHash() implements PerceptualHash {
  private static final int COLUMNS = 9;
  private static final int ROWS = 8;

  @Override
  public OptionalLong of(Value value) {
    return switch (value) {
      case Value.Pixels pixels -> OptionalLong.of(hash(pixels));
      case Value.Content(byte[] bytes) -> {
        try {
          yield OptionalLong.of(hash(Pictures.decode(bytes, "a picture")));
        } catch (SlipwayException e) {
          yield OptionalLong.empty(); // a broken one is told where pictures are opened
        }
      }
      default -> OptionalLong.empty();
    };
  }

  private static long hash(Value.Pixels pixels) {
    double[] grey = new double[COLUMNS * ROWS];
    for (int row = 0; row < ROWS; row++) {
      for (int column = 0; column < COLUMNS; column++) {
        grey[row * COLUMNS + column] = mean(pixels, row, column);
      }
    }
    long bits = 0;
    for (int row = 0; row < ROWS; row++) {
      for (int column = 0; column + 1 < COLUMNS; column++) {
        int at = row * COLUMNS + column;
        bits = bits << 1 | (grey[at] < grey[at + 1] ? 1 : 0);
      }
    }
    return bits;
  }

  private static double mean(Value.Pixels pixels, int row, int column) {
    int top = row * pixels.height() / ROWS;
    int bottom = Math.max(top + 1, (row + 1) * pixels.height() / ROWS);
    int left = column * pixels.width() / COLUMNS;
    int right = Math.max(left + 1, (column + 1) * pixels.width() / COLUMNS);
    long sum = 0;
    for (int y = top; y < bottom; y++) {
      int line = y * pixels.width();
      for (int i = (line + left) * pixels.channels(); i < (line + right) * pixels.channels(); i++) {
        sum += pixels.bytes()[i] & 0xff;
      }
    }
    return sum / (double) ((bottom - top) * (right - left) * pixels.channels());
  }
}
