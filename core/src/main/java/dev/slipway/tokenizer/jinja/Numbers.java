package dev.slipway.tokenizer.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/** Python's numbers: arithmetic of integers without an end and of floats, and reading them. */
final class Numbers {
  private static final int LONGEST_BITS = 1 << 16;
  private static final int MOST_DIGITS = 4300; // Python refuses to print longer ones, too

  private Numbers() {}

  /** A number, a bool as 0 or 1; null for anything else. */
  static @Nullable Value number(Value value) {
    return switch (value) {
      case Value.Int number -> number;
      case Value.Real number -> number;
      case Value.Bool bool -> Value.of(bool.isTrue() ? 1 : 0);
      default -> null;
    };
  }

  static @Nullable BigInteger integer(Value value) {
    return number(value) instanceof Value.Int number ? number.value() : null;
  }

  static double real(Value number) {
    return switch (number) {
      case Value.Real real -> real.value();
      case Value.Int integer -> {
        double value = integer.value().doubleValue();
        if (Double.isInfinite(value)) {
          throw TemplateException.overflow("int too large to convert to float");
        }
        yield value;
      }
      default -> throw new IllegalArgumentException("no number");
    };
  }

  static String digits(BigInteger value) {
    if (value.bitLength() < 62) {
      return Long.toString(value.longValue());
    }
    String digits = value.toString();
    if (digits.length() > MOST_DIGITS) {
      throw TemplateException.value(
          "Exceeds the limit (4300 digits) for integer string conversion; use"
              + " sys.set_int_max_str_digits() to increase the limit");
    }
    return digits;
  }

  /**
   * {@code a operator b}.
   *
   * @return null where they aren't both numbers
   */
  static @Nullable Value arithmetic(String operator, Value a, Value b) {
    Value left = number(a);
    Value right = number(b);
    if (left == null || right == null) {
      return null;
    }
    if (left instanceof Value.Int x && right instanceof Value.Int y) {
      return integers(operator, x.value(), y.value());
    }
    return reals(operator, real(left), real(right));
  }

  private static Value integers(String operator, BigInteger a, BigInteger b) {
    return switch (operator) {
      case "+" -> bounded(a.add(b));
      case "-" -> bounded(a.subtract(b));
      case "*" -> bounded(a.multiply(b));
      case "/" -> {
        if (b.signum() == 0) {
          throw new TemplateException("ZeroDivisionError", "division by zero");
        }
        yield new Value.Real(divide(a, b));
      }
      case "//" -> {
        checkDivisor(b.signum() == 0, "integer division or modulo by zero");
        BigInteger[] parts = a.divideAndRemainder(b);
        boolean down = parts[1].signum() != 0 && parts[1].signum() != b.signum();
        yield new Value.Int(down ? parts[0].subtract(BigInteger.ONE) : parts[0]);
      }
      case "%" -> {
        checkDivisor(b.signum() == 0, "integer modulo by zero");
        BigInteger rest = a.remainder(b);
        yield new Value.Int(rest.signum() != 0 && rest.signum() != b.signum() ? rest.add(b) : rest);
      }
      case "**" -> power(a, b);
      default -> throw new IllegalArgumentException(operator);
    };
  }

  private static double divide(BigInteger a, BigInteger b) {
    if (a.bitLength() <= 53 && b.bitLength() <= 53) {
      return a.doubleValue() / b.doubleValue();
    }
    double quotient =
        new BigDecimal(a).divide(new BigDecimal(b), new java.math.MathContext(40)).doubleValue();
    if (Double.isInfinite(quotient)) {
      throw TemplateException.overflow("integer division result too large for a float");
    }
    return quotient;
  }

  private static Value power(BigInteger a, BigInteger b) {
    if (b.signum() < 0) {
      if (a.signum() == 0) {
        throw new TemplateException(
            "ZeroDivisionError", "0.0 cannot be raised to a negative power");
      }
      return reals("**", real(new Value.Int(a)), real(new Value.Int(b)));
    }
    if (a.bitLength() <= 1 && a.abs().bitLength() <= 1) { // 0, 1, -1
      return new Value.Int(
          b.testBit(0) || b.signum() == 0 ? (b.signum() == 0 ? BigInteger.ONE : a) : a.multiply(a));
    }
    if (b.bitLength() > 31 || (long) a.bitLength() * b.intValue() > LONGEST_BITS) {
      throw tooLong();
    }
    return new Value.Int(a.pow(b.intValue()));
  }

  private static Value bounded(BigInteger value) {
    if (value.bitLength() > LONGEST_BITS) {
      throw tooLong();
    }
    return new Value.Int(value);
  }

  private static TemplateException tooLong() {
    return new TemplateException(
        TemplateException.LIMIT, "the template makes a number of more than 65536 bits");
  }

  private static void checkDivisor(boolean zero, String message) {
    if (zero) {
      throw new TemplateException("ZeroDivisionError", message);
    }
  }

  private static Value reals(String operator, double a, double b) {
    return new Value.Real(
        switch (operator) {
          case "+" -> a + b;
          case "-" -> a - b;
          case "*" -> a * b;
          case "/" -> {
            checkDivisor(b == 0, "float division by zero");
            yield a / b;
          }
          case "//" -> {
            checkDivisor(b == 0, "float floor division by zero");
            yield Math.floor((a - modulo(a, b)) / b + 0.5);
          }
          case "%" -> {
            checkDivisor(b == 0, "float modulo");
            yield modulo(a, b);
          }
          case "**" -> {
            checkDivisor(a == 0 && b < 0, "0.0 cannot be raised to a negative power");
            double power = Math.pow(a, b);
            if (Double.isInfinite(power) && Double.isFinite(a) && Double.isFinite(b)) {
              throw TemplateException.overflow("(34, 'Numerical result out of range')");
            }
            yield power;
          }
          default -> throw new IllegalArgumentException(operator);
        });
  }

  private static double modulo(double a, double b) {
    double rest = a % b;
    if (rest == 0) {
      return Math.copySign(0.0, b);
    }
    return (rest < 0) == (b < 0) ? rest : rest + b;
  }

  static int compare(Value left, Value right) {
    if (left instanceof Value.Int a && right instanceof Value.Int b) {
      return a.value().compareTo(b.value());
    }
    double a = left instanceof Value.Real real ? real.value() : Double.NaN;
    double b = right instanceof Value.Real real ? real.value() : Double.NaN;
    if (left instanceof Value.Int integer) {
      return Double.isInfinite(b)
          ? (b > 0 ? -1 : 1)
          : new BigDecimal(integer.value()).compareTo(new BigDecimal(b));
    }
    if (right instanceof Value.Int integer) {
      return Double.isInfinite(a)
          ? (a > 0 ? 1 : -1)
          : new BigDecimal(a).compareTo(new BigDecimal(integer.value()));
    }
    return a < b ? -1 : a > b ? 1 : 0;
  }

  static boolean isNan(Value value) {
    return value instanceof Value.Real real && Double.isNaN(real.value());
  }

  /** {@code int(text, base)}; null where it isn't one. */
  static @Nullable BigInteger parseInteger(String text, int base) {
    String digits = StringMethods.strip(text, null, true, true);
    boolean negative = digits.startsWith("-");
    if (negative || digits.startsWith("+")) {
      digits = digits.substring(1);
    }
    String lower = digits.toLowerCase(java.util.Locale.ROOT);
    int actual = base;
    if (lower.startsWith("0x") && (base == 16 || base == 0)) {
      actual = 16;
    } else if (lower.startsWith("0o") && (base == 8 || base == 0)) {
      actual = 8;
    } else if (lower.startsWith("0b") && (base == 2 || base == 0)) {
      actual = 2;
    }
    if (actual != base || (lower.length() > 2 && actual != 10 && lower.matches("0[xob].*"))) {
      digits = digits.substring(2);
      if (digits.startsWith("_")) {
        digits = digits.substring(1);
      }
    }
    if (actual == 0) {
      actual = 10;
    }
    if (digits.isEmpty()
        || digits.length() > MOST_DIGITS
        || digits.startsWith("_")
        || digits.endsWith("_")
        || digits.contains("__")) {
      return null;
    }
    StringBuilder plain = new StringBuilder();
    for (int c : digits.replace("_", "").codePoints().toArray()) {
      int digit = Character.digit(c, actual);
      if (digit < 0) {
        return null;
      }
      plain.append(Character.forDigit(digit, actual));
    }
    BigInteger value = new BigInteger(plain.toString(), actual);
    return negative ? value.negate() : value;
  }

  /** {@code float(text)}; null where it isn't one. */
  static @Nullable Double parseReal(String text) {
    String trimmed = StringMethods.strip(text, null, true, true);
    String lower = trimmed.toLowerCase(java.util.Locale.ROOT);
    String unsigned = lower.replaceFirst("^[+-]", "");
    double sign = lower.startsWith("-") ? -1 : 1;
    if (unsigned.equals("inf") || unsigned.equals("infinity")) {
      return sign * Double.POSITIVE_INFINITY;
    }
    if (unsigned.equals("nan")) {
      return Double.NaN;
    }
    boolean plain = true;
    for (int i = 0; i < lower.length(); i++) {
      plain &= "0123456789.e+-_".indexOf(lower.charAt(i)) >= 0;
    }
    if (!plain
        || lower.length() > 1000
        || !lower.matches(
            "[+-]?(\\d(_?\\d)*\\.?(\\d(_?\\d)*)?|\\.\\d(_?\\d)*)(e[+-]?\\d(_?\\d)*)?")) {
      return null;
    }
    return Double.valueOf(lower.replace("_", ""));
  }

  /** {@code round(value, precision)}. */
  static Value round(Value number, int precision) {
    if (number instanceof Value.Int integer) {
      if (precision >= 0) {
        return integer;
      }
      if (precision < -MOST_DIGITS) {
        return Value.of(0);
      }
      return new Value.Int(
          new BigDecimal(integer.value())
              .setScale(precision, RoundingMode.HALF_EVEN)
              .toBigInteger());
    }
    double value = real(number);
    if (!Double.isFinite(value) || precision > 330) {
      return number;
    }
    if (precision < -310) {
      return new Value.Real(Math.copySign(0.0, value));
    }
    double rounded =
        new BigDecimal(value).setScale(precision, RoundingMode.HALF_EVEN).doubleValue();
    return new Value.Real(rounded == 0 ? Math.copySign(0.0, value) : rounded);
  }

  /** The digits with a point behind the first and an exponent of at least two digits. */
  static String scientific(String digits, int exponent) {
    return digits.charAt(0)
        + (digits.length() > 1 ? "." + digits.substring(1) : "")
        + "e"
        + (exponent < 0 ? "-" : "+")
        + (Math.abs(exponent) < 10 ? "0" : "")
        + Math.abs(exponent);
  }
}
