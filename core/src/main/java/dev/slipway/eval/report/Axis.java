package dev.slipway.eval.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A linear scale from values to pixels with ticks at 1, 2 or 5 times a power of ten: Heckbert 1990,
 * "Nice Numbers for Graph Labels".
 *
 * @param low first value shown
 * @param high last value shown
 * @param step between ticks
 * @param start pixel of {@code low}
 * @param end pixel of {@code high}
 */
record Axis(double low, double high, double step, double start, double end) {
  /** Reaches from {@code low} to {@code high} as they are; ticks lie within. */
  static Axis exact(double low, double high, int ticks, double start, double end) {
    double to = high > low ? high : low + 1;
    return new Axis(low, to, niceStep((to - low) / ticks), start, end);
  }

  /** Reaches outwards to whole ticks. */
  static Axis rounded(double low, double high, int ticks, double start, double end) {
    double spread = high > low ? high - low : Math.max(Math.abs(high), 1) * 0.1;
    double step = niceStep(spread / ticks);
    double from = Math.floor(low / step + 1e-9) * step;
    double to = Math.ceil(high / step - 1e-9) * step;
    return new Axis(from, to > from ? to : from + step, step, start, end);
  }

  private static double niceStep(double rough) {
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double fraction = rough / power;
    return power * (fraction <= 1 ? 1 : fraction <= 2 ? 2 : fraction <= 5 ? 5 : 10);
  }

  double pixel(double value) {
    return start + (value - low) / (high - low) * (end - start);
  }

  List<Double> ticks() {
    List<Double> ticks = new ArrayList<>();
    long first = (long) Math.ceil(low / step - 1e-9);
    long last = (long) Math.floor(high / step + 1e-9);
    for (long i = first; i <= last; i++) {
      ticks.add(i * step);
    }
    return ticks;
  }

  /** With as many decimals as the step needs; thousands as k, millions as M. */
  String label(double tick) {
    double largest = Math.max(Math.abs(low), Math.abs(high));
    if (tick == 0) {
      return "0";
    }
    if (largest >= 2e6) {
      return decimal(tick / 1e6, step / 1e6) + "M";
    }
    if (largest >= 1e4) {
      return decimal(tick / 1e3, step / 1e3) + "k";
    }
    if (largest < 1e-2) {
      int exponent = (int) Math.floor(Math.log10(largest));
      double unit = Math.pow(10, exponent);
      return decimal(tick / unit, step / unit) + "e" + exponent;
    }
    return decimal(tick, step);
  }

  /** A value to three digits of what the axis spans. */
  String value(double value) {
    int decimals = Math.clamp(2 - (int) Math.floor(Math.log10(high - low)), 0, 12);
    String text = String.format(Locale.ROOT, "%,." + decimals + "f", value);
    return text.matches("-?[0.]+") ? "0" : text;
  }

  private static String decimal(double value, double step) {
    int decimals = Math.max(0, (int) Math.ceil(-Math.log10(step) - 1e-9));
    return String.format(Locale.ROOT, "%,." + decimals + "f", value);
  }
}
