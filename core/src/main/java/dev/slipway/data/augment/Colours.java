package dev.slipway.data.augment;

import java.util.SplittableRandom;

/**
 * Changes of colour in place, on 1 or 3 planes of 0 … 255, with the formulas of torchvision's
 * {@code adjust_brightness}, {@code adjust_contrast}, {@code adjust_saturation} and {@code
 * adjust_hue} for tensors.
 */
final class Colours {
  private static final float MOST = 255;
  private static final float RED = 0.2989f;
  private static final float GREEN = 0.587f;
  private static final float BLUE = 0.114f;

  private Colours() {}

  /** All that a step asks for, in its order. */
  static void apply(PictureStep.Colour step, float[][] planes, SplittableRandom random) {
    double brightness = Affine.around(1, step.brightness(), random);
    double contrast = Affine.around(1, step.contrast(), random);
    double saturation = Affine.around(1, step.saturation(), random);
    double hue = Affine.around(0, step.hue(), random);
    if (step.brightness() > 0) {
      brightness(planes, (float) brightness);
    }
    if (step.contrast() > 0) {
      contrast(planes, (float) contrast);
    }
    if (step.saturation() > 0 && planes.length == 3) {
      saturation(planes, (float) saturation);
    }
    if (step.hue() > 0 && planes.length == 3) {
      hue(planes, (float) hue);
    }
  }

  static void brightness(float[][] planes, float factor) {
    for (float[] plane : planes) {
      scale(plane, factor, 0);
    }
  }

  private static void scale(float[] plane, float factor, float offset) {
    for (int i = 0; i < plane.length; i++) {
      plane[i] = Math.max(0, Math.min(MOST, plane[i] * factor + offset));
    }
  }

  /** Away from the mean of its grey, or towards it. */
  static void contrast(float[][] planes, float factor) {
    double mean =
        planes.length == 1
            ? mean(planes[0])
            : RED * mean(planes[0]) + GREEN * mean(planes[1]) + BLUE * mean(planes[2]);
    for (float[] plane : planes) {
      scale(plane, factor, (1 - factor) * (float) mean);
    }
  }

  /** By four sums, which the processor can add side by side. */
  private static double mean(float[] values) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int i = 0;
    for (; i + 3 < values.length; i += 4) {
      a += values[i];
      b += values[i + 1];
      c += values[i + 2];
      d += values[i + 3];
    }
    for (; i < values.length; i++) {
      a += values[i];
    }
    return (a + b + (c + d)) / values.length;
  }

  static void saturation(float[][] planes, float factor) {
    float[] red = planes[0];
    float[] green = planes[1];
    float[] blue = planes[2];
    float[] rest = new float[red.length];
    float part = 1 - factor;
    for (int i = 0; i < rest.length; i++) {
      rest[i] = part * (RED * red[i] + GREEN * green[i] + BLUE * blue[i]);
    }
    for (float[] plane : planes) {
      for (int i = 0; i < rest.length; i++) {
        plane[i] = Math.max(0, Math.min(MOST, plane[i] * factor + rest[i]));
      }
    }
  }

  /** Turns the hue by a part of the circle, through HSV. */
  static void hue(float[][] planes, float turn) {
    for (int i = 0; i < planes[0].length; i++) {
      float r = planes[0][i];
      float g = planes[1][i];
      float b = planes[2][i];
      float high = Math.max(r, Math.max(g, b));
      float range = high - Math.min(r, Math.min(g, b));
      if (range == 0) {
        continue;
      }
      float sixths =
          high == r ? (g - b) / range : high == g ? 2 + (b - r) / range : 4 + (r - g) / range;
      float hue = sixths / 6 + turn;
      hue -= (float) Math.floor(hue);
      float six = hue * 6;
      int sector = (int) six % 6;
      float part = six - (int) six;
      float p = high - range;
      float q = high - range * part;
      float t = high - range * (1 - part);
      planes[0][i] =
          switch (sector) {
            case 0, 5 -> high;
            case 1 -> q;
            case 4 -> t;
            default -> p;
          };
      planes[1][i] =
          switch (sector) {
            case 1, 2 -> high;
            case 0 -> t;
            case 3 -> q;
            default -> p;
          };
      planes[2][i] =
          switch (sector) {
            case 3, 4 -> high;
            case 2 -> t;
            case 5 -> q;
            default -> p;
          };
    }
  }
}
