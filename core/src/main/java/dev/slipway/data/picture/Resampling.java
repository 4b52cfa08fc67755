package dev.slipway.data.picture;

import dev.slipway.data.example.Value;
import java.util.Arrays;

/**
 * Bilinear resizing with antialiasing, bit by bit Pillow's {@code Image.resize(size, BILINEAR,
 * box)} ({@code Resample.c}), which torchvision's {@code resize} calls for pictures: a triangle as
 * wide as the scale, first across, then down, each rounded to 8 bits.
 */
public final class Resampling {
  private static final int BITS = 22;
  private static final int HALF = 1 << (BITS - 1);

  private Resampling() {}

  /**
   * A part of a picture, in pixels that need not be whole.
   *
   * @param left of its left edge; the picture's is 0
   */
  public record Box(double left, double top, double right, double bottom) {
    public static Box whole(Value.Pixels picture) {
      return new Box(0, 0, picture.width(), picture.height());
    }
  }

  /** The box at another size. */
  public static Value.Pixels resize(Value.Pixels from, Box box, int height, int width) {
    boolean across = width != from.width() || box.left != 0 || box.right != width;
    boolean down = height != from.height() || box.top != 0 || box.bottom != height;
    int line = Math.multiplyExact(width, from.channels());
    if (!down) {
      return across
          ? bytes(
              across(from, new Taps(from.width(), box.left, box.right, width), 0, height),
              height,
              width,
              from.channels())
          : from;
    }
    Taps vertical = new Taps(from.height(), box.top, box.bottom, height);
    int first = vertical.first[0];
    int rows = vertical.first[height - 1] + vertical.count - first;
    int[] lines =
        across
            ? across(from, new Taps(from.width(), box.left, box.right, width), first, rows)
            : ints(from.bytes(), first * line, rows * line);
    return bytes(down(lines, vertical, line), height, width, from.channels());
  }

  /** Which samples make each new one, all from as many, and their weights in 1 / 2^22. */
  private static final class Taps {
    final int[] first;
    final int[] weights;
    final int count;

    Taps(int size, double from, double to, int out) {
      double scale = (to - from) / out;
      double wide = Math.max(1, scale);
      int most = (int) Math.ceil(wide) * 2 + 1;
      first = new int[out];
      int[] counts = new int[out];
      int[] all = new int[Math.multiplyExact(out, most)];
      double[] part = new double[most];
      int largest = 1;
      for (int i = 0; i < out; i++) {
        double centre = from + (i + 0.5) * scale;
        int low = Math.max(0, (int) (centre - wide + 0.5));
        int high = Math.min(size, (int) (centre + wide + 0.5));
        double sum = 0;
        for (int x = low; x < high; x++) {
          double at = Math.abs((x - centre + 0.5) * (1 / wide));
          part[x - low] = at < 1 ? 1 - at : 0;
          sum += part[x - low];
        }
        first[i] = low;
        counts[i] = high - low;
        largest = Math.max(largest, high - low);
        for (int x = 0; x < high - low; x++) {
          double weight = sum == 0 ? part[x] : part[x] * (1 / sum);
          all[i * most + x] = (int) (0.5 + weight * (1 << BITS));
        }
      }
      // A loop of the same even length for all costs less than one that ends as soon as it may.
      count = Math.min(size, largest + (largest & 1));
      weights = new int[Math.multiplyExact(out, count)];
      for (int i = 0; i < out; i++) {
        int low = Math.min(first[i], size - count);
        int at = i * count + first[i] - low;
        System.arraycopy(all, i * most, weights, at, counts[i]);
        first[i] = low;
      }
    }
  }

  /** Samples as ints, on which the processor works side by side. */
  private static int[] ints(byte[] bytes, int from, int count) {
    int[] ints = new int[count];
    for (int i = 0; i < count; i++) {
      ints[i] = bytes[from + i] & 0xFF;
    }
    return ints;
  }

  private static Value.Pixels bytes(int[] samples, int height, int width, int channels) {
    byte[] bytes = new byte[samples.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) samples[i];
    }
    return new Value.Pixels(height, width, channels, bytes);
  }

  private static int[] across(Value.Pixels from, Taps taps, int firstRow, int rows) {
    int width = taps.first.length;
    int channels = from.channels();
    byte[] in = from.bytes();
    int[] out = new int[Math.multiplyExact(Math.multiplyExact(rows, width), channels)];
    int stride = from.width() * channels;
    for (int y = 0; y < rows; y++) {
      int line = (firstRow + y) * stride;
      int at = y * width * channels;
      if (channels == 3) {
        colours(in, line, taps, out, at);
      } else {
        for (int x = 0; x < width * channels; x++, at++) {
          int column = x / channels;
          int source = line + taps.first[column] * channels + x % channels;
          int sum = HALF;
          for (int i = 0; i < taps.count; i++, source += channels) {
            sum += (in[source] & 0xFF) * taps.weights[column * taps.count + i];
          }
          out[at] = clamp(sum >> BITS);
        }
      }
    }
    return out;
  }

  private static void colours(byte[] in, int line, Taps taps, int[] out, int from) {
    int[] first = taps.first;
    int count = taps.count;
    int[] weights = taps.weights;
    int at = from;
    for (int x = 0, weight = 0; x < first.length; x++, at += 3, weight += count) {
      int source = line + first[x] * 3;
      int end = weight + count;
      int r = HALF;
      int g = HALF;
      int b = HALF;
      int i = weight;
      for (; i + 1 < end; i += 2, source += 6) {
        int w = weights[i];
        int v = weights[i + 1];
        r += (in[source] & 0xFF) * w + (in[source + 3] & 0xFF) * v;
        g += (in[source + 1] & 0xFF) * w + (in[source + 4] & 0xFF) * v;
        b += (in[source + 2] & 0xFF) * w + (in[source + 5] & 0xFF) * v;
      }
      if (i < end) {
        int w = weights[i];
        r += (in[source] & 0xFF) * w;
        g += (in[source + 1] & 0xFF) * w;
        b += (in[source + 2] & 0xFF) * w;
      }
      // Weights are not negative and their sum is at most 1 but for rounding.
      out[at] = Math.min(255, r >> BITS);
      out[at + 1] = Math.min(255, g >> BITS);
      out[at + 2] = Math.min(255, b >> BITS);
    }
  }

  private static int clamp(int value) {
    return Math.max(0, Math.min(255, value));
  }

  private static int[] down(int[] lines, Taps taps, int line) {
    int height = taps.first.length;
    int[] out = new int[Math.multiplyExact(height, line)];
    int[] sums = new int[line];
    int[] row = new int[line];
    for (int y = 0; y < height; y++) {
      Arrays.fill(sums, HALF);
      for (int i = 0; i < taps.count; i++) {
        System.arraycopy(lines, (taps.first[y] - taps.first[0] + i) * line, row, 0, line);
        add(sums, row, taps.weights[y * taps.count + i]);
      }
      shift(sums);
      System.arraycopy(sums, 0, out, y * line, line);
    }
    return out;
  }

  private static void add(int[] sums, int[] row, int weight) {
    for (int x = 0; x < sums.length; x++) {
      sums[x] += row[x] * weight;
    }
  }

  private static void shift(int[] sums) {
    for (int x = 0; x < sums.length; x++) {
      sums[x] = Math.max(0, Math.min(255, sums[x] >> BITS));
    }
  }
}
