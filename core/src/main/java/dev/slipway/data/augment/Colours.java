package dev.slipway.data.augment;

import java.util.SplittableRandom;

/**
 * Changes of colour in place, on 1 or 3 planes of 0 … 255, with the formulas of torchvision's
 * {@code adjust_brightness}, {@code adjust_contrast}, {@code adjust_saturation} and {@code
 * adjust_hue} for tensors.
 */
final class Colours {
  private static final float MOST = 255;

  private Colours() {}

  /** All that a step asks for, in its order. */
  static void apply(
      PictureStep.Colour step, float[] planes, int channels, SplittableRandom random) {
    double brightness = Affine.around(1, step.brightness(), random);
    double contrast = Affine.around(1, step.contrast(), random);
    double saturation = Affine.around(1, step.saturation(), random);
    double hue = Affine.around(0, step.hue(), random);
    if (step.brightness() > 0) {
      brightness(planes, (float) brightness);
    }
    if (step.contrast() > 0) {
      contrast(planes, channels, (float) contrast);
    }
    if (step.saturation() > 0 && channels == 3) {
      saturation(planes, (float) saturation);
    }
    if (step.hue() > 0 && channels == 3) {
      hue(planes, (float) hue);
    }
  }

  static void brightness(float[] planes, float factor) {
    for (int i = 0; i < planes.length; i++) {
      planes[i] = Math.max(0, Math.min(MOST, planes[i] * factor));
    }
  }

  /** Away from the mean of its grey, or towards it. */
  static void contrast(float[] planes, int channels, float factor) {
    int plane = planes.length / channels;
    double sum = 0;
    for (int c = 0; c < channels; c++) {
      sum += (channels == 1 ? 1 : weight(c)) * sum(planes, c * plane, plane);
    }
    float rest = (1 - factor) * (float) (sum / plane);
    for (int i = 0; i < planes.length; i++) {
      planes[i] = Math.max(0, Math.min(MOST, planes[i] * factor + rest));
    }
  }

  private static double weight(int channel) {
    return switch (channel) {
      case 0 -> 0.2989;
      case 1 -> 0.587;
      default -> 0.114;
    };
  }

  /** In four sums, which the processor can add side by side. */
  private static double sum(float[] values, int from, int count) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int i = from;
    for (; i + 3 < from + count; i += 4) {
      a += values[i];
      b += values[i + 1];
      c += values[i + 2];
      d += values[i + 3];
    }
    for (; i < from + count; i++) {
      a += values[i];
    }
    return a + b + (c + d);
  }

  static void saturation(float[] planes, float factor) {
    int plane = planes.length / 3;
    float rest = 1 - factor;
    for (int i = 0; i < plane; i++) {
      float r = planes[i];
      float g = planes[plane + i];
      float b = planes[2 * plane + i];
      float grey = rest * (0.2989f * r + 0.587f * g + 0.114f * b);
      planes[i] = Math.max(0, Math.min(MOST, r * factor + grey));
      planes[plane + i] = Math.max(0, Math.min(MOST, g * factor + grey));
      planes[2 * plane + i] = Math.max(0, Math.min(MOST, b * factor + grey));
    }
  }

  /** Turns the hue by a part of the circle, through HSV. */
  static void hue(float[] planes, float turn) {
    int plane = planes.length / 3;
    for (int i = 0; i < plane; i++) {
      float r = planes[i];
      float g = planes[plane + i];
      float b = planes[2 * plane + i];
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
      planes[i] =
          switch (sector) {
            case 0, 5 -> high;
            case 1 -> q;
            case 4 -> t;
            default -> p;
          };
      planes[plane + i] =
          switch (sector) {
            case 1, 2 -> high;
            case 0 -> t;
            case 3 -> q;
            default -> p;
          };
      planes[2 * plane + i] =
          switch (sector) {
            case 3, 4 -> high;
            case 2 -> t;
            case 5 -> q;
            default -> p;
          };
    }
  }
}
