package dev.slipway.data.table;

import java.nio.charset.StandardCharsets;

/**
 * Numbers from bytes: the double that is nearest to what is written, as {@link Double#parseDouble}
 * gives it.
 */
final class DecimalText {
  /** No number is written there. Its bits are those of no other NaN that comes from here. */
  static final double NO_NUMBER = Double.longBitsToDouble(0x7ff8_0000_0000_beefL);

  /** Powers of ten that doubles hold exactly. */
  private static final double[] EXACT = new double[23];

  private static final long LARGEST_EXACT = 1L << 53;

  static {
    EXACT[0] = 1;
    for (int i = 1; i < EXACT.length; i++) {
      EXACT[i] = EXACT[i - 1] * 10;
    }
  }

  private DecimalText() {}

  static boolean isNoNumber(double value) {
    return Double.doubleToRawLongBits(value) == 0x7ff8_0000_0000_beefL;
  }

  /**
   * A decimal number, perhaps with sign, fraction and exponent, or {@code inf} or {@code infinity}.
   *
   * @param decimal what begins the fraction
   * @return {@link #NO_NUMBER} where there is none
   */
  static double parse(byte[] bytes, int from, int to, byte decimal) {
    int at = from;
    if (at == to) {
      return NO_NUMBER;
    }
    boolean negative = bytes[at] == '-';
    if (negative || bytes[at] == '+') {
      at++;
    }
    long digits = 0;
    int significant = 0;
    int exponent = 0;
    int begin = at;
    int c = 0;
    while (at < to && (c = bytes[at] - '0') >= 0 && c <= 9) {
      if (significant < 18) {
        digits = digits * 10 + c;
        significant += digits == 0 ? 0 : 1;
      } else {
        significant++;
        exponent++;
      }
      at++;
    }
    int written = at - begin;
    if (at < to && bytes[at] == decimal) {
      at++;
      begin = at;
      while (at < to && (c = bytes[at] - '0') >= 0 && c <= 9) {
        if (significant < 18) {
          digits = digits * 10 + c;
          significant += digits == 0 ? 0 : 1;
          exponent--;
        } else {
          significant++;
        }
        at++;
      }
      written += at - begin;
    }
    if (written == 0) {
      return infinity(bytes, at, to, negative);
    }
    if (at < to && (bytes[at] | 0x20) == 'e') {
      at++;
      boolean down = at < to && bytes[at] == '-';
      if (at < to && (down || bytes[at] == '+')) {
        at++;
      }
      begin = at;
      int told = 0;
      while (at < to && (c = bytes[at] - '0') >= 0 && c <= 9) {
        told = Math.min(told * 10 + c, 100_000);
        at++;
      }
      if (at == begin) {
        return NO_NUMBER;
      }
      exponent += down ? -told : told;
    }
    if (at != to) {
      return NO_NUMBER;
    }
    // Both exact, so that one operation rounds once (Clinger 1990, the fast path).
    if (significant <= 18 && digits <= LARGEST_EXACT && exponent >= -22 && exponent <= 22) {
      double value = exponent < 0 ? digits / EXACT[-exponent] : digits * EXACT[exponent];
      return negative ? -value : value;
    }
    String text = new String(bytes, from, to - from, StandardCharsets.US_ASCII);
    return Double.parseDouble(decimal == '.' ? text : text.replace((char) decimal, '.'));
  }

  private static double infinity(byte[] bytes, int at, int to, boolean negative) {
    String text = new String(bytes, at, to - at, StandardCharsets.ISO_8859_1);
    if (text.equalsIgnoreCase("inf") || text.equalsIgnoreCase("infinity")) {
      return negative ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    }
    return NO_NUMBER;
  }
}
