package dev.slipway.infer.grammar;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.util.automaton.Automaton;
import org.jspecify.annotations.Nullable;

/** The decimal texts of numbers within bounds, as JSON spells them. */
final class Decimals {
  /** Digits before and behind the point at most: what a double holds. */
  private static final int DIGITS = 15;

  private static final int MOST_MODULUS = 5_000;

  private static final Language DIGIT = Language.range('0', '9');
  private static final Language NATURAL =
      Language.text("0").or(Language.range('1', '9').then(DIGIT.repeat(0, DIGITS - 1)));
  private static final Language FRACTION = Language.text(".").then(DIGIT.repeat(1, DIGITS));
  private static final Language MINUS = Language.text("-");

  /** Any number, exponents of up to two digits included. */
  static final Language ANY =
      Language.concat(
              List.of(
                  MINUS.repeat(0, 1),
                  NATURAL,
                  FRACTION.repeat(0, 1),
                  Language.concat(
                          List.of(
                              Language.text("e").or(Language.text("E")),
                              Language.text("+").or(MINUS).repeat(0, 1),
                              DIGIT.repeat(1, 2)))
                      .repeat(0, 1)))
          .deterministic();

  /** Texts of numbers of which each number has one. */
  static final Language SPELT =
      RegularExpression.whole("0|-?[1-9]\\d*|-?(?:0|[1-9]\\d*)\\.\\d*[1-9]").deterministic();

  private Decimals() {}

  /** A bound of a range. */
  record Bound(BigDecimal value, boolean exclusive) {}

  /** The one of two bounds, or none, that allows less. */
  static @Nullable Bound tighter(@Nullable Bound a, @Nullable Bound b, boolean least) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    int compared = a.value().compareTo(b.value());
    if (compared == 0) {
      return a.exclusive() ? a : b;
    }
    return compared > 0 == least ? a : b;
  }

  /**
   * @param step what values are multiples of; null for any
   */
  static Language within(
      @Nullable Bound least, @Nullable Bound most, boolean integer, @Nullable BigDecimal step) {
    if (least == null && most == null && !integer && step == null) {
      return ANY;
    }
    checkBound(least);
    checkBound(most);
    int scale = DIGITS;
    BigInteger modulus = BigInteger.ONE;
    if (step != null) {
      BigDecimal stripped = step.stripTrailingZeros();
      scale = Math.max(stripped.scale(), 0);
      modulus = stripped.movePointRight(scale).toBigIntegerExact();
      if (scale > 9 || modulus.compareTo(BigInteger.valueOf(MOST_MODULUS)) > 0) {
        throw Refusal.unsupported(
            "multipleOf is "
                + step
                + ", expected at most nine decimals and "
                + MOST_MODULUS
                + " of the last one",
            "leave it out and check the answer");
      }
    }
    Language shape = integer || scale == 0 ? NATURAL : NATURAL.then(FRACTION.repeat(0, 1));
    if (step != null) {
      shape = shape.and(multiples(modulus.intValueExact(), scale));
    }
    Language above = shape;
    Language below = shape;
    BigDecimal zero = BigDecimal.ZERO;
    if (least != null) {
      if (least.value().compareTo(zero) >= 0) {
        above = above.and(atLeast(least));
        below = Language.NOTHING;
      } else {
        below = below.and(atMost(new Bound(least.value().negate(), least.exclusive())));
      }
    }
    if (most != null) {
      if (most.value().compareTo(zero) < 0) {
        above = Language.NOTHING;
        below = below.and(atLeast(new Bound(most.value().negate(), most.exclusive())));
      } else if (most.value().signum() == 0 && most.exclusive()) {
        above = Language.NOTHING;
        below = below.minus(zeros());
      } else {
        above = above.and(atMost(most));
      }
    }
    return Language.union(List.of(above, MINUS.then(below.minus(zeros()))));
  }

  private static void checkBound(@Nullable Bound bound) {
    if (bound != null
        && (bound.value().precision() - bound.value().scale() > DIGITS
            || bound.value().stripTrailingZeros().scale() > DIGITS)) {
      throw Refusal.unsupported(
          "the bound " + bound.value() + " has more than " + DIGITS + " digits",
          "take a bound that a double holds exactly, or none");
    }
  }

  private static Language zeros() {
    return Language.text("0")
        .then(Language.text(".").then(Language.text("0").repeat(1, DIGITS)).repeat(0, 1));
  }

  /** Decimals of no sign that are not below a bound of no sign, which may have leading zeros. */
  private static Language atLeast(Bound bound) {
    return compared(bound, true);
  }

  private static Language atMost(Bound bound) {
    return compared(bound, false);
  }

  /**
   * A text of more digits before the point is more, of fewer is less; of as many the first digit
   * that differs decides, and with none that differs the digits behind the bound's end.
   */
  private static Language compared(Bound bound, boolean more) {
    String plain = bound.value().stripTrailingZeros().toPlainString();
    int point = plain.indexOf('.');
    String whole = point < 0 ? plain : plain.substring(0, point);
    String fraction = point < 0 ? "" : plain.substring(point + 1);
    Language tail = FRACTION.repeat(0, 1);
    List<Language> parts = new ArrayList<>();
    if (more) {
      if (whole.length() < DIGITS) {
        parts.add(DIGIT.repeat(whole.length() + 1, DIGITS).then(tail));
      }
    } else if (whole.length() > 1) {
      parts.add(DIGIT.repeat(1, whole.length() - 1).then(tail));
    }
    for (int i = 0; i < whole.length(); i++) {
      Language digit = beyond(whole.charAt(i), more);
      parts.add(
          Language.concat(
              List.of(
                  Language.text(whole.substring(0, i)),
                  digit,
                  DIGIT.repeat(whole.length() - i - 1, whole.length() - i - 1),
                  tail)));
    }
    for (int i = 0; i < fraction.length(); i++) {
      String same = whole + "." + fraction.substring(0, i);
      parts.add(
          Language.concat(
              List.of(
                  Language.text(same),
                  beyond(fraction.charAt(i), more),
                  DIGIT.repeat(0, DIGITS - i - 1))));
      if (!more) { // a text that ends before the bound does is less
        parts.add(Language.text(i == 0 ? whole : same));
      }
    }
    // Those of the bound's own digits: equal with zeros behind, more with anything else.
    String same = fraction.isEmpty() ? whole : whole + "." + fraction;
    int room = DIGITS - fraction.length();
    Language anyTail = fraction.isEmpty() ? tail : DIGIT.repeat(0, room);
    Language zeroTail =
        fraction.isEmpty()
            ? Language.text(".").then(Language.text("0").repeat(1, DIGITS)).repeat(0, 1)
            : Language.text("0").repeat(0, room);
    Language equal = Language.text(same).then(zeroTail);
    if (more) {
      parts.add(Language.text(same).then(anyTail).minus(equal));
    }
    if (!bound.exclusive()) {
      parts.add(equal);
    }
    return Language.union(parts);
  }

  private static Language beyond(char digit, boolean more) {
    if (more) {
      return digit == '9' ? Language.NOTHING : Language.range(digit + 1, '9');
    }
    return digit == '0' ? Language.NOTHING : Language.range('0', digit - 1);
  }

  /**
   * Decimals whose digits, taken to {@code scale} behind the point, are a multiple of a modulus.
   */
  private static Language multiples(int modulus, int scale) {
    // State: remainder so far, and how many digits behind the point there were (-1: no point yet).
    Automaton.Builder builder = new Automaton.Builder();
    int rows = scale + 2;
    for (int i = 0; i < modulus * rows; i++) {
      builder.createState();
    }
    int[] power = new int[scale + 1]; // 10^k mod modulus
    power[0] = 1 % modulus;
    for (int k = 1; k <= scale; k++) {
      power[k] = power[k - 1] * 10 % modulus;
    }
    for (int remainder = 0; remainder < modulus; remainder++) {
      for (int row = 0; row < rows; row++) {
        int behind = row - 1;
        int from = row * modulus + remainder;
        int missing = scale - Math.max(behind, 0);
        builder.setAccept(
            from, behind != 0 && (int) ((long) remainder * power[missing] % modulus) == 0);
        if (behind < 0 && scale > 0) {
          builder.addTransition(from, modulus + remainder, '.', '.');
        }
        if (behind < scale) {
          for (int digit = 0; digit < 10; digit++) {
            int next = (int) (((long) remainder * 10 + digit) % modulus);
            int row2 = behind < 0 ? 0 : row + 1;
            builder.addTransition(from, row2 * modulus + next, '0' + digit, '0' + digit);
          }
        }
      }
    }
    return new Language(builder.finish());
  }
}
