package dev.slipway.data.augment;

import java.util.SplittableRandom;

/**
 * Where each pixel of a changed picture comes from, in coordinates whose origin is the picture's
 * middle, x to the right and y down: source = (xx·x + xy·y + x0, yx·x + yy·y + y0).
 */
record Affine(double xx, double xy, double x0, double yx, double yy, double y0) {
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
   * @param in channels × height × width
   * @param out gets as many
   */
  void apply(float[] in, float[] out, int channels, int height, int width, Fill fill) {
    double midX = (width - 1) / 2.0;
    double midY = (height - 1) / 2.0;
    Lookup lookup = new Lookup(in, channels, height, width, fill);
    for (int y = 0; y < height; y++) {
      double fromX = xy * (y - midY) + x0 + midX - xx * midX;
      double fromY = yy * (y - midY) + y0 + midY - yx * midX;
      if (isWhole()) {
        int row = (int) Math.rint(fromY);
        for (int x = 0; x < width; x++) {
          lookup.copy(row, (int) Math.rint(fromX + xx * x), out, y * width + x);
        }
        continue;
      }
      for (int x = 0; x < width; x++) {
        lookup.blend((float) (fromY + yx * x), (float) (fromX + xx * x), out, y * width + x);
      }
    }
  }

  /** Pixels by their place, which may lie beyond the edge. */
  private record Lookup(float[] in, int channels, int height, int width, Fill fill) {
    void copy(int y, int x, float[] out, int at) {
      int row = inside(y, height);
      int column = inside(x, width);
      int plane = height * width;
      boolean there = row >= 0 && column >= 0;
      for (int c = 0; c < channels; c++) {
        out[at + c * plane] = there ? in[c * plane + row * width + column] : 0;
      }
    }

    void blend(float y, float x, float[] out, int at) {
      int top = (int) Math.floor(y);
      int left = (int) Math.floor(x);
      float down = y - top;
      float across = x - left;
      int plane = height * width;
      if (top >= 0 && left >= 0 && top + 1 < height && left + 1 < width) {
        float a = (1 - down) * (1 - across);
        float b = (1 - down) * across;
        float c = down * (1 - across);
        float d = down * across;
        int place = top * width + left;
        for (int to = at; place < in.length; place += plane, to += plane) {
          out[to] =
              a * in[place] + b * in[place + 1] + c * in[place + width] + d * in[place + width + 1];
        }
        return;
      }
      for (int c = 0; c < channels; c++) {
        int base = c * plane;
        out[at + base] =
            (1 - down) * ((1 - across) * at(base, top, left) + across * at(base, top, left + 1))
                + down
                    * ((1 - across) * at(base, top + 1, left)
                        + across * at(base, top + 1, left + 1));
      }
    }

    private float at(int base, int y, int x) {
      int row = inside(y, height);
      int column = inside(x, width);
      return row < 0 || column < 0 ? 0 : in[base + row * width + column];
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
