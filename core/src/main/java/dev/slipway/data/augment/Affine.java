package dev.slipway.data.augment;

import java.util.SplittableRandom;

/**
 * Where each pixel of a changed picture comes from, in coordinates whose origin is the picture's
 * middle, x to the right and y down: source = (xx·x + xy·y + x0, yx·x + yy·y + y0).
 */
record Affine(double xx, double xy, double x0, double yx, double yy, double y0) {
  /** Keeps rounding away from the edge, where the slow way is always right. */
  private static final double EDGE = 1e-6;

  static final Affine IDENTITY = new Affine(1, 0, 0, 0, 1, 0);

  static Affine flip(boolean horizontal, boolean vertical) {
    return new Affine(horizontal ? -1 : 1, 0, 0, 0, vertical ? -1 : 1, 0);
  }

  /** Clockwise. */
  static Affine rotation(double degrees) {
    double cos = Math.cos(Math.toRadians(degrees));
    double sin = Math.sin(Math.toRadians(degrees));
    return new Affine(cos, sin, 0, -sin, cos, 0);
  }

  /** By a factor; above 1 what is shown grows. */
  static Affine zoom(double factor) {
    return new Affine(1 / factor, 0, 0, 0, 1 / factor, 0);
  }

  /** In pixels to the right and down. */
  static Affine translation(double x, double y) {
    return new Affine(1, 0, -x, 0, 1, -y);
  }

  /** The upper part to the right, for a positive angle. */
  static Affine shear(double degrees) {
    return new Affine(1, Math.tan(Math.toRadians(degrees)), 0, 0, 1, 0);
  }

  /** This change first, then another on what came out. */
  Affine then(Affine next) {
    return new Affine(
        xx * next.xx + xy * next.yx,
        xx * next.xy + xy * next.yy,
        xx * next.x0 + xy * next.y0 + x0,
        yx * next.xx + yy * next.yx,
        yx * next.xy + yy * next.yy,
        yx * next.x0 + yy * next.y0 + y0);
  }

  /** What a step does this time. */
  static Affine drawn(PictureStep.Geometric step, int height, int width, SplittableRandom random) {
    return switch (step) {
      case PictureStep.Flip flip ->
          flip(
              flip.horizontal() && random.nextDouble() < flip.chance(),
              flip.vertical() && random.nextDouble() < flip.chance());
      case PictureStep.Rotate rotate -> rotation(around(0, rotate.degrees(), random));
      case PictureStep.Zoom zoom -> zoom(around(1, zoom.amount(), random));
      case PictureStep.Translate move ->
          translation(
              around(0, move.amount() * width, random), around(0, move.amount() * height, random));
      case PictureStep.Shear shear -> shear(around(0, shear.degrees(), random));
      case PictureStep.Crop crop ->
          translation(
              random.nextInt(2 * crop.padding() + 1) - crop.padding(),
              random.nextInt(2 * crop.padding() + 1) - crop.padding());
    };
  }

  /** Uniform in middle ± amount. */
  static double around(double middle, double amount, SplittableRandom random) {
    return middle + amount * (2 * random.nextDouble() - 1);
  }

  private boolean isWhole() {
    return xy == 0
        && yx == 0
        && Math.abs(xx) == 1
        && Math.abs(yy) == 1
        && x0 == Math.rint(x0)
        && y0 == Math.rint(y0);
  }

  /**
   * Resamples bilinearly (as PyTorch's {@code grid_sample}, pixels being points).
   *
   * @param in of each channel, height × width
   * @param out gets as many
   */
  void apply(float[][] in, float[][] out, int height, int width, Fill fill) {
    double midX = (width - 1) / 2.0;
    double midY = (height - 1) / 2.0;
    Lookup lookup = new Lookup(in, height, width, fill);
    boolean whole = isWhole();
    for (int y = 0; y < height; y++) {
      double fromX = xy * (y - midY) + x0 + midX - xx * midX;
      double fromY = yy * (y - midY) + y0 + midY - yx * midX;
      if (whole) {
        int row = (int) Math.rint(fromY);
        for (int x = 0; x < width; x++) {
          lookup.copy(row, (int) Math.rint(fromX + xx * x), out, y * width + x);
        }
        continue;
      }
      // Where both neighbours across and down are in the picture.
      int from = (int) Math.ceil(Math.max(first(xx, fromX, width), first(yx, fromY, height)));
      int to = (int) Math.ceil(Math.min(end(xx, fromX, width), end(yx, fromY, height)));
      from = Math.clamp(from, 0, width);
      to = Math.clamp(to, from, width);
      for (int x = 0; x < from; x++) {
        lookup.blend(fromY + yx * x, fromX + xx * x, out, y * width + x);
      }
      if (in.length == 3) {
        inner(in[0], in[1], in[2], out, fromX, fromY, width, y * width, from, to);
      } else {
        for (int x = from; x < to; x++) {
          lookup.blend(fromY + yx * x, fromX + xx * x, out, y * width + x);
        }
      }
      for (int x = to; x < width; x++) {
        lookup.blend(fromY + yx * x, fromX + xx * x, out, y * width + x);
      }
    }
  }

  /** From which x on {@code start + slope · x} lies between the first and the last but one. */
  private static double first(double slope, double start, int size) {
    if (slope == 0) {
      return start >= 0 && start < size - 1 ? 0 : Integer.MAX_VALUE;
    }
    return slope > 0 ? (EDGE - start) / slope : (size - 1 - EDGE - start) / slope;
  }

  /** Up to which x. */
  private static double end(double slope, double start, int size) {
    if (slope == 0) {
      return start >= 0 && start < size - 1 ? Integer.MAX_VALUE : 0;
    }
    return slope > 0 ? (size - 1 - EDGE - start) / slope : (EDGE - start) / slope;
  }

  private void inner(
      float[] red,
      float[] green,
      float[] blue,
      float[][] out,
      double fromX,
      double fromY,
      int width,
      int line,
      int from,
      int to) {
    float[] outRed = out[0];
    float[] outGreen = out[1];
    float[] outBlue = out[2];
    for (int x = from; x < to; x++) {
      double sourceY = fromY + yx * x;
      double sourceX = fromX + xx * x;
      int top = (int) sourceY;
      int left = (int) sourceX;
      float down = (float) (sourceY - top);
      float across = (float) (sourceX - left);
      int i = top * width + left;
      int below = i + width;
      float c = down * (1 - across);
      float d = down * across;
      float a = 1 - across - c;
      float b = across - d;
      outRed[line + x] = a * red[i] + b * red[i + 1] + c * red[below] + d * red[below + 1];
      outGreen[line + x] =
          a * green[i] + b * green[i + 1] + c * green[below] + d * green[below + 1];
      outBlue[line + x] = a * blue[i] + b * blue[i + 1] + c * blue[below] + d * blue[below + 1];
    }
  }

  /** Pixels by their place, which may lie beyond the edge. */
  private record Lookup(float[][] in, int height, int width, Fill fill) {
    void copy(int y, int x, float[][] out, int at) {
      int row = inside(y, height);
      int column = inside(x, width);
      boolean there = row >= 0 && column >= 0;
      for (int c = 0; c < in.length; c++) {
        out[c][at] = there ? in[c][row * width + column] : 0;
      }
    }

    void blend(double y, double x, float[][] out, int at) {
      int top = (int) Math.floor(y);
      int left = (int) Math.floor(x);
      float down = (float) (y - top);
      float across = (float) (x - left);
      for (int c = 0; c < in.length; c++) {
        out[c][at] =
            (1 - down) * ((1 - across) * at(in[c], top, left) + across * at(in[c], top, left + 1))
                + down
                    * ((1 - across) * at(in[c], top + 1, left)
                        + across * at(in[c], top + 1, left + 1));
      }
    }

    private float at(float[] plane, int y, int x) {
      int row = inside(y, height);
      int column = inside(x, width);
      return row < 0 || column < 0 ? 0 : plane[row * width + column];
    }

    /** The index that stands for another; -1 for black. */
    private int inside(int index, int size) {
      if (index >= 0 && index < size) {
        return index;
      }
      return switch (fill) {
        case BLACK -> -1;
        case NEAREST -> index < 0 ? 0 : size - 1;
        case REFLECT -> {
          int folded = Math.floorMod(index, 2 * size);
          yield folded < size ? folded : 2 * size - 1 - folded;
        }
      };
    }
  }
}
