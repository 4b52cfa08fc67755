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
    Value.Pixels picture = from;
    Taps vertical = new Taps(from.height(), box.top, box.bottom, height);
    int firstRow = 0;
    if (across) {
      firstRow = down ? vertical.first[0] : 0;
      int rows =
          down ? vertical.first[height - 1] + vertical.count[height - 1] - firstRow : from.height();
      picture = across(from, new Taps(from.width(), box.left, box.right, width), firstRow, rows);
    }
    return down ? down(picture, vertical, firstRow) : picture;
  }

  /** Which samples make each new one, and their weights in 1 / 2^22. */
  private static final class Taps {
    final int[] first;
    final int[] count;
    final int[] weights;
    final int most;

    Taps(int size, double from, double to, int out) {
      double scale = (to - from) / out;
      double wide = Math.max(1, scale);
      most = (int) Math.ceil(wide) * 2 + 1;
      first = new int[out];
      count = new int[out];
      weights = new int[Math.multiplyExact(out, most)];
      double[] part = new double[most];
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
        count[i] = high - low;
        for (int x = 0; x < high - low; x++) {
          double weight = sum == 0 ? part[x] : part[x] * (1 / sum);
          weights[i * most + x] = (int) (0.5 + weight * (1 << BITS));
        }
      }
    }
  }

  private static Value.Pixels across(Value.Pixels from, Taps taps, int firstRow, int rows) {
    int width = taps.first.length;
    int channels = from.channels();
    byte[] in = from.bytes();
    byte[] out = new byte[Math.multiplyExact(Math.multiplyExact(rows, width), channels)];
    int stride = from.width() * channels;
    for (int y = 0; y < rows; y++) {
      int line = (firstRow + y) * stride;
      int at = y * width * channels;
      if (channels == 3) {
        for (int x = 0; x < width; x++, at += 3) {
          int source = line + taps.first[x] * 3;
          int weight = x * taps.most;
          int r = HALF;
          int g = HALF;
          int b = HALF;
          for (int i = 0; i < taps.count[x]; i++, source += 3) {
            int w = taps.weights[weight + i];
            r += (in[source] & 0xFF) * w;
            g += (in[source + 1] & 0xFF) * w;
            b += (in[source + 2] & 0xFF) * w;
          }
          out[at] = JpegTransform.clamp(r >> BITS);
          out[at + 1] = JpegTransform.clamp(g >> BITS);
          out[at + 2] = JpegTransform.clamp(b >> BITS);
        }
      } else {
        for (int x = 0; x < width * channels; x++, at++) {
          int column = x / channels;
          int source = line + taps.first[column] * channels + x % channels;
          int sum = HALF;
          for (int i = 0; i < taps.count[column]; i++, source += channels) {
            sum += (in[source] & 0xFF) * taps.weights[column * taps.most + i];
          }
          out[at] = JpegTransform.clamp(sum >> BITS);
        }
      }
    }
    return new Value.Pixels(rows, width, channels, out);
  }

  private static Value.Pixels down(Value.Pixels from, Taps taps, int firstRow) {
    int height = taps.first.length;
    int line = from.width() * from.channels();
    byte[] in = from.bytes();
    byte[] out = new byte[Math.multiplyExact(height, line)];
    int[] sums = new int[line];
    for (int y = 0; y < height; y++) {
      Arrays.fill(sums, HALF);
      for (int i = 0; i < taps.count[y]; i++) {
        add(sums, in, (taps.first[y] - firstRow + i) * line, taps.weights[y * taps.most + i]);
      }
      int at = y * line;
      for (int x = 0; x < line; x++) {
        out[at + x] = JpegTransform.clamp(sums[x] >> BITS);
      }
    }
    return new Value.Pixels(height, from.width(), from.channels(), out);
  }

  private static void add(int[] sums, byte[] in, int from, int weight) {
    for (int x = 0; x < sums.length; x++) {
      sums[x] += (in[from + x] & 0xFF) * weight;
    }
  }
}
