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

  /** The same of both colours of a YCC picture, packed as blue | red << 16. */
  private final int[] packed;

  private final int[] chroma;
  private final int[] luma;

  JpegPixels(List<JpegComponent> components, int mostH, int mostV, int width, Colours colours) {
    this.components = components;
    this.mostH = mostH;
    this.mostV = mostV;
    this.colours = colours;
    int full = width + 2 * mostH;
    lines = new byte[components.size()][full];
    sums = new int[full];
    boolean ycc = colours == Colours.YCC || colours == Colours.YCCK;
    packed = new int[ycc ? full : 0];
    chroma = new int[ycc ? full : 0];
    luma = new int[ycc ? full : 0];
  }

  Value.Pixels region(int x, int y, int w, int h) {
    int channels = colours == Colours.GREY ? 1 : 3;
    byte[] out = new byte[Math.multiplyExact(Math.multiplyExact(w, h), channels)];
    for (int row = 0; row < h; row++) {
      boolean ycc = colours == Colours.YCC || colours == Colours.YCCK;
      for (int c = 0; c < lines.length; c++) {
        if (!ycc || c == 0 || c == 3) {
          line(components.get(c), y + row, x, x + w, lines[c]);
        }
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
        case YCC -> ycc(y + row, x, w, out, at);
        case CMYK -> {
          for (int i = x; i < x + w; i++, at += 3) {
            ink(lines[0][i] & 0xFF, lines[1][i] & 0xFF, lines[2][i] & 0xFF, lines[3][i], out, at);
          }
        }
        case YCCK -> {
          ycc(y + row, x, w, out, at);
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

  /** A line of a YCC picture, in loops that the compiler turns into vector instructions. */
  private void ycc(int y, int x, int w, byte[] out, int from) {
    chroma(components.get(1), components.get(2), y, x, x + w);
    byte[] line = lines[0];
    int[] luma = this.luma;
    for (int i = x; i < x + w; i++) {
      luma[i] = line[i] & 0xFF;
    }
    mix(luma, chroma, x, x + w);
    for (int i = x, at = from; i < x + w; i++, at += 3) {
      int pixel = luma[i];
      out[at] = (byte) pixel;
      out[at + 1] = (byte) (pixel >> 8);
      out[at + 2] = (byte) (pixel >> 16);
    }
  }

  /** Luma to red | green << 8 | blue << 16. */
  private static void mix(int[] luma, int[] chroma, int from, int to) {
    for (int i = from; i < to; i++) {
      int y = luma[i];
      int b = (chroma[i] & 0xFF) - 128;
      int r = (chroma[i] >>> 16) - 128;
      int red = Math.max(0, Math.min(255, y + ((91881 * r + HALF) >> 16)));
      int green = Math.max(0, Math.min(255, y + ((-22554 * b - 46802 * r + HALF) >> 16)));
      int blue = Math.max(0, Math.min(255, y + ((116130 * b + HALF) >> 16)));
      luma[i] = red | green << 8 | blue << 16;
    }
  }

  /** Both colours of a line, as {@link #line} does it, at once: no sum reaches 16 bits. */
  private void chroma(JpegComponent blue, JpegComponent red, int y, int x, int end) {
    int across = mostH / blue.h;
    int down = mostV / blue.v;
    if (blue.h != red.h || blue.v != red.v) {
      line(blue, y, x, end, lines[1]);
      line(red, y, x, end, lines[2]);
      for (int i = x; i < end; i++) {
        chroma[i] = lines[1][i] & 0xFF | (lines[2][i] & 0xFF) << 16;
      }
      return;
    }
    int width = blue.width;
    boolean smoothAcross = width > 2 && across == 2 && down <= 2;
    boolean smoothDown = down == 2 && (smoothAcross || across == 1);
    int first = x / across;
    int last = Math.min(width - 1, (end - 1) / across);
    int from = Math.max(0, first - 1);
    int to = Math.min(width - 1, last + 1);
    pack(blue, red, (y / down) * blue.stride(), from, to);
    if (smoothDown) {
      int other = Math.clamp(y / 2 + (y % 2 == 0 ? -1 : 1), 0, blue.height - 1);
      System.arraycopy(packed, from, sums, from, to - from + 1);
      pack(blue, red, other * blue.stride(), from, to);
      blend(packed, sums, from, to);
    }
    if (smoothAcross) {
      int bits = smoothDown ? 4 : 2;
      int even = smoothDown ? 0x00080008 : 0x00010001;
      int odd = smoothDown ? 0x00070007 : 0x00020002;
      for (int i = first; i <= last; i++) {
        int here = 3 * packed[i];
        int left = i == 0 ? packed[0] : packed[i - 1];
        int right = packed[Math.min(i + 1, width - 1)];
        chroma[2 * i] = (here + left + even) >>> bits & 0x00FF00FF;
        chroma[2 * i + 1] = (here + right + odd) >>> bits & 0x00FF00FF;
      }
    } else if (smoothDown) {
      int bias = y % 2 == 0 ? 0x00010001 : 0x00020002;
      for (int i = x; i < end; i++) {
        chroma[i] = (packed[i] + bias) >>> 2 & 0x00FF00FF;
      }
    } else {
      for (int i = x; i < end; i++) {
        chroma[i] = packed[i / across];
      }
    }
  }

  private void pack(JpegComponent blue, JpegComponent red, int line, int from, int to) {
    byte[] blues = blue.plane;
    byte[] reds = red.plane;
    int[] into = packed;
    for (int i = from; i <= to; i++) {
      into[i] = blues[line + i] & 0xFF | (reds[line + i] & 0xFF) << 16;
    }
  }

  /** Three parts of the near line to one of the far one. */
  private static void blend(int[] far, int[] near, int from, int to) {
    for (int i = from; i <= to; i++) {
      far[i] += 3 * near[i];
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
