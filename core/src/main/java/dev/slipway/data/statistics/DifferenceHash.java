package dev.slipway.data.statistics;

import dev.slipway.base.SlipwayException;
import dev.slipway.data.example.Value;
import dev.slipway.data.picture.Pictures;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Pictures that look alike. The bits: whether each of 8 × 8 places of a picture is darker than its
 * right neighbour, on the mean grey of 9 × 8 parts (Krawetz 2013, dHash): size, format and
 * brightness hardly change it. The look: the correlation of the pictures' grey on up to 32 × 32
 * parts.
 */
public record DifferenceHash() implements PerceptualHash {
  private static final int COLUMNS = 9;
  private static final int ROWS = 8;
  private static final int FINE = 32;

  @Override
  public OptionalLong of(Value value) {
    return pixels(value)
        .map(pixels -> OptionalLong.of(hash(pixels)))
        .orElseGet(OptionalLong::empty);
  }

  @Override
  public double likeness(Value one, Value other) {
    Optional<Value.Pixels> a = pixels(one);
    Optional<Value.Pixels> b = pixels(other);
    if (a.isEmpty() || b.isEmpty()) {
      return 0;
    }
    int rows = Math.min(FINE, Math.min(a.get().height(), b.get().height()));
    int columns = Math.min(FINE, Math.min(a.get().width(), b.get().width()));
    return correlation(grey(a.get(), rows, columns), grey(b.get(), rows, columns));
  }

  private static Optional<Value.Pixels> pixels(Value value) {
    return switch (value) {
      case Value.Pixels pixels -> Optional.of(pixels);
      case Value.Content(byte[] bytes) -> {
        try {
          yield Optional.of(Pictures.decode(bytes, "a picture"));
        } catch (SlipwayException e) {
          yield Optional.empty(); // a broken one is told where pictures are opened
        }
      }
      default -> Optional.empty();
    };
  }

  /** Pearson's; of two pictures of one grey each 1, of one such 0. */
  private static double correlation(double[] a, double[] b) {
    double meanA = Arrays.stream(a).average().orElse(0);
    double meanB = Arrays.stream(b).average().orElse(0);
    double both = 0;
    double squaresA = 0;
    double squaresB = 0;
    for (int i = 0; i < a.length; i++) {
      both += (a[i] - meanA) * (b[i] - meanB);
      squaresA += (a[i] - meanA) * (a[i] - meanA);
      squaresB += (b[i] - meanB) * (b[i] - meanB);
    }
    if (squaresA == 0 || squaresB == 0) {
      return squaresA == squaresB ? 1 : 0;
    }
    return both / Math.sqrt(squaresA * squaresB);
  }

  private static long hash(Value.Pixels pixels) {
    double[] grey = grey(pixels, ROWS, COLUMNS);
    long bits = 0;
    for (int row = 0; row < ROWS; row++) {
      for (int column = 0; column + 1 < COLUMNS; column++) {
        int at = row * COLUMNS + column;
        bits = bits << 1 | (grey[at] < grey[at + 1] ? 1 : 0);
      }
    }
    return bits;
  }

  /** Means of the parts, line after line. */
  private static double[] grey(Value.Pixels pixels, int rows, int columns) {
    double[] grey = new double[rows * columns];
    for (int row = 0; row < rows; row++) {
      int top = row * pixels.height() / rows;
      int bottom = Math.max(top + 1, (row + 1) * pixels.height() / rows);
      for (int column = 0; column < columns; column++) {
        int left = column * pixels.width() / columns;
        int right = Math.max(left + 1, (column + 1) * pixels.width() / columns);
        grey[row * columns + column] = mean(pixels, top, bottom, left, right);
      }
    }
    return grey;
  }

  private static double mean(Value.Pixels pixels, int top, int bottom, int left, int right) {
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
