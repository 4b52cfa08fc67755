package dev.slipway.data.picture;

import dev.slipway.data.example.Value;
import java.util.List;

/**
 * Samples of components to pixels: upsampling with the triangle filter and the colour transform,
 * bit by bit those of libjpeg's {@code jdsample.c} and {@code jdcolor.c}.
 */
final class JpegPixels {
  /** What the components are. */
  enum Colours {
    GREY,
    RGB,
    YCC,
    CMYK,
    YCCK
  }

  private static final int HALF = 1 << 15;

  private final List<JpegComponent> components;
  private final int mostH;
  private final int mostV;
  private final Colours colours;

  /** A line of each component in the picture's full width, and of sums of two lines. */
  private final byte[][] lines;

  private final int[] sums;

  JpegPixels(List<JpegComponent> components, int mostH, int mostV, int width, Colours colours) {
    this.components = components;
    this.mostH = mostH;
    this.mostV = mostV;
    this.colours = colours;
    int full = width + 2 * mostH;
    lines = new byte[components.size()][full];
    sums = new int[full];
  }

  Value.Pixels region(int x, int y, int w, int h) {
    int channels = colours == Colours.GREY ? 1 : 3;
    byte[] out = new byte[Math.multiplyExact(Math.multiplyExact(w, h), channels)];
    for (int row = 0; row < h; row++) {
      for (int c = 0; c < lines.length; c++) {
        line(components.get(c), y + row, x, x + w, lines[c]);
      }
      int at = row * w * channels;
      switch (colours) {
        case GREY -> System.arraycopy(lines[0], x, out, at, w);
        case RGB -> {
          for (int i = x; i < x + w; i++, at += 3) {
            out[at] = lines[0][i];
            out[at + 1] = lines[1][i];
            out[at + 2] = lines[2][i];
          }
        }
        case YCC -> ycc(lines[0], lines[1], lines[2], x, w, out, at);
        case CMYK -> {
          for (int i = x; i < x + w; i++, at += 3) {
            ink(lines[0][i] & 0xFF, lines[1][i] & 0xFF, lines[2][i] & 0xFF, lines[3][i], out, at);
          }
        }
        case YCCK -> {
          ycc(lines[0], lines[1], lines[2], x, w, out, at);
          for (int i = x; i < x + w; i++, at += 3) {
            ink(
                255 - (out[at] & 0xFF),
                255 - (out[at + 1] & 0xFF),
                255 - (out[at + 2] & 0xFF),
                lines[3][i],
                out,
                at);
          }
        }
      }
    }
    return new Value.Pixels(h, w, channels, out);
  }

  private static void ycc(byte[] ys, byte[] bs, byte[] rs, int x, int w, byte[] out, int from) {
    int at = from;
    for (int i = x; i < x + w; i++, at += 3) {
      int y = ys[i] & 0xFF;
      int b = (bs[i] & 0xFF) - 128;
      int r = (rs[i] & 0xFF) - 128;
      out[at] = JpegTransform.clamp(y + ((91881 * r + HALF) >> 16));
      out[at + 1] = JpegTransform.clamp(y + ((-22554 * b - 46802 * r + HALF) >> 16));
      out[at + 2] = JpegTransform.clamp(y + ((116130 * b + HALF) >> 16));
    }
  }

  /** Inks as Adobe stores them, inverted, to light as Pillow does it. */
  private static void ink(int cyan, int magenta, int yellow, byte black, byte[] out, int at) {
    int light = black & 0xFF;
    out[at] = JpegTransform.clamp(light - product(255 - cyan, light));
    out[at + 1] = JpegTransform.clamp(light - product(255 - magenta, light));
    out[at + 2] = JpegTransform.clamp(light - product(255 - yellow, light));
  }

  /** a · b / 255, rounded. */
  private static int product(int a, int b) {
    int t = a * b + 128;
    return ((t >> 8) + t) >> 8;
  }

  /** The component's line {@code y} of the picture, from {@code x} to below {@code end}. */
  private void line(JpegComponent component, int y, int x, int end, byte[] out) {
    int across = mostH / component.h;
    int down = mostV / component.v;
    boolean smoothAcross = component.width > 2 && across == 2 && down <= 2;
    int near = (y / down) * component.stride();
    byte[] plane = component.plane;
    if (across == 1 && down == 1) {
      System.arraycopy(plane, near + x, out, x, end - x);
    } else if (smoothAcross && down == 1) {
      triangle(plane, near, component.width, x, end, out);
    } else if (down == 2 && (smoothAcross || across == 1)) {
      int other = Math.clamp(y / 2 + (y % 2 == 0 ? -1 : 1), 0, component.height - 1);
      int far = other * component.stride();
      if (across == 1) {
        int bias = y % 2 == 0 ? 1 : 2;
        for (int i = x; i < end; i++) {
          out[i] = (byte) ((3 * (plane[near + i] & 0xFF) + (plane[far + i] & 0xFF) + bias) >> 2);
        }
      } else {
        square(plane, near, far, component.width, x, end, out);
      }
    } else {
      for (int i = x; i < end; i++) {
        out[i] = plane[near + i / across];
      }
    }
  }

  private static void triangle(byte[] plane, int near, int width, int x, int end, byte[] out) {
    int first = x >> 1;
    int last = Math.min(width - 1, (end - 1) >> 1);
    for (int i = first; i <= last; i++) {
      int here = plane[near + i] & 0xFF;
      int before = i == 0 ? here : plane[near + i - 1] & 0xFF;
      int after = i == width - 1 ? here : plane[near + i + 1] & 0xFF;
      out[2 * i] = (byte) ((3 * here + before + 1) >> 2);
      out[2 * i + 1] = (byte) ((3 * here + after + 2) >> 2);
    }
  }

  private void square(byte[] plane, int near, int far, int width, int x, int end, byte[] out) {
    int first = x >> 1;
    int last = Math.min(width - 1, (end - 1) >> 1);
    int from = Math.max(0, first - 1);
    int to = Math.min(width - 1, last + 1);
    for (int i = from; i <= to; i++) {
      sums[i] = 3 * (plane[near + i] & 0xFF) + (plane[far + i] & 0xFF);
    }
    for (int i = first; i <= last; i++) {
      int here = sums[i];
      int before = i == 0 ? here : sums[i - 1];
      int after = i == width - 1 ? here : sums[i + 1];
      out[2 * i] = (byte) ((3 * here + before + 8) >> 4);
      out[2 * i + 1] = (byte) ((3 * here + after + 7) >> 4);
    }
  }
}
