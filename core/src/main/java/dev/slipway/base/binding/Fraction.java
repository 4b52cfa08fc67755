package dev.slipway.base.binding;

import java.math.BigDecimal;

/**
 * A part of a whole, from 0 to 1, as {@code 1%} or {@code 0.01}.
 *
 * @param value from 0 to 1
 */
public record Fraction(double value) {
  public Fraction {
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException("a fraction is " + value + ", expected 0 to 1");
    }
  }

  public static Fraction parse(String text) {
    boolean percent = text.endsWith("%");
    String number = percent ? text.substring(0, text.length() - 1).strip() : text;
    if (!number.matches("\\d{1,20}(\\.\\d{1,20})?")) {
      throw new IllegalArgumentException("not a fraction: " + text);
    }
    BigDecimal value = new BigDecimal(number);
    return new Fraction((percent ? value.movePointLeft(2) : value).doubleValue());
  }

  /** In percent; parsing gives the same value. */
  @Override
  public String toString() {
    return BigDecimal.valueOf(value).movePointRight(2).stripTrailingZeros().toPlainString() + "%";
  }
}
