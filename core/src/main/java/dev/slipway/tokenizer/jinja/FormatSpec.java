package dev.slipway.tokenizer.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/**
 * Python's format specification: {@code
 * [[fill]align][sign][z][#][0][width][grouping][.precision][type]}.
 *
 * @param align one of {@code < > ^ =}, or a space for none
 * @param grouping {@code ,} or {@code _}, or a space for none
 * @param precision -1 where there is none
 * @param type a space where there is none
 */
record FormatSpec(
    String fill,
    char align,
    char sign,
    boolean alternate,
    int width,
    char grouping,
    int precision,
    char type) {
  private static final int MOST = 1_000_000;

  static FormatSpec parse(String spec, Value value) {
    int[] points = spec.codePoints().toArray();
    int at = 0;
    String fill = " ";
    boolean filled = points.length > 1 && isAlign(points[1]);
    char align = ' ';
    if (filled) {
      fill = Character.toString(points[0]);
      align = (char) points[1];
      at = 2;
    } else if (points.length > 0 && isAlign(points[0])) {
      align = (char) points[0];
      at = 1;
    }
    char sign = '-';
    if (at < points.length && "+- ".indexOf(points[at]) >= 0) {
      sign = (char) points[at++];
    }
    boolean alternate = at < points.length && points[at] == '#';
    at += alternate ? 1 : 0;
    if (!filled && at < points.length && points[at] == '0') {
      at++;
      fill = "0";
      align = align == ' ' && !(value instanceof Value.Text) ? '=' : align;
    }
    long width = 0;
    while (at < points.length && points[at] >= '0' && points[at] <= '9') {
      width = Math.min(MOST + 1L, width * 10 + points[at++] - '0');
    }
    char grouping = ' ';
    if (at < points.length && (points[at] == ',' || points[at] == '_')) {
      grouping = (char) points[at++];
    }
    long precision = -1;
    if (at < points.length && points[at] == '.') {
      at++;
      precision = 0;
      int digits = at;
      while (at < points.length && points[at] >= '0' && points[at] <= '9') {
        precision = Math.min(MOST + 1L, precision * 10 + points[at++] - '0');
      }
      if (at == digits) {
        throw TemplateException.value("Format specifier missing precision");
      }
    }
    if (points.length - at > 1 || width > MOST || precision > MOST) {
      throw TemplateException.value("Invalid format specifier");
    }
    char type = at < points.length ? (char) points[at] : ' ';
    return new FormatSpec(
        fill, align, sign, alternate, (int) width, grouping, (int) precision, type);
  }

  private static boolean isAlign(int c) {
    return c == '<' || c == '>' || c == '^' || c == '=';
  }

  String apply(Value value) {
    return switch (value) {
      case Value.Text text -> text(text.text());
      case Value.Bool bool when type == ' ' -> text(Printed.str(bool));
      case Value.Int _, Value.Bool _ -> integer(value);
      case Value.Real number -> real(number.value());
      default ->
          throw TemplateException.type(
              "unsupported format string passed to %s.__format__".formatted(value.typeName()));
    };
  }

  private TemplateException unknown(String of) {
    return TemplateException.value(
        "Unknown format code %s for object of type %s"
            .formatted(Printed.quoted(Character.toString(type)), Printed.quoted(of)));
  }

  private String text(String text) {
    if (type != ' ' && type != 's') {
      throw unknown("str");
    }
    if (align == '=') {
      throw TemplateException.value("'=' alignment not allowed in string format specifier");
    }
    String shown =
        precision >= 0 && CodePoints.length(text) > precision
            ? CodePoints.slice(text, 0, precision)
            : text;
    return padded("", shown, '<');
  }

  private String integer(Value value) {
    BigInteger number = Numbers.integer(value);
    if (number == null) {
      throw new IllegalArgumentException("no integer");
    }
    if ("eEfFgG%".indexOf(type) >= 0) {
      return real(Numbers.real(new Value.Int(number)));
    }
    if (precision >= 0) {
      throw TemplateException.value("Precision not allowed in integer format specifier");
    }
    if (type == 'c') {
      return padded("", Character.toString(number.intValue()), '<');
    }
    int base =
        switch (type) {
          case ' ', 'd', 'n' -> 10;
          case 'b' -> 2;
          case 'o' -> 8;
          case 'x', 'X' -> 16;
          default -> throw unknown("int");
        };
    String digits = base == 10 ? Numbers.digits(number.abs()) : number.abs().toString(base);
    String prefix = alternate && base != 10 ? "0" + Character.toLowerCase(type) : "";
    if (type == 'X') {
      digits = digits.toUpperCase(Locale.ROOT);
      prefix = prefix.toUpperCase(Locale.ROOT);
    }
    return padded(signOf(number.signum() < 0) + prefix, grouped(digits, base == 10 ? 3 : 4), '>');
  }

  private String signOf(boolean negative) {
    return negative ? "-" : sign == '-' ? "" : Character.toString(sign);
  }

  private String real(double value) {
    boolean negative = value < 0 || (value == 0 && 1 / value < 0);
    double size = Math.abs(value);
    String digits;
    if (!Double.isFinite(size)) {
      digits = Double.isNaN(size) ? "nan" : "inf";
    } else {
      digits =
          switch (type) {
            case 'f', 'F' -> fixed(size, precision < 0 ? 6 : precision);
            case '%' -> fixed(size, precision < 0 ? 6 : precision, 2) + "%";
            case 'e', 'E' -> exponential(size, precision < 0 ? 6 : precision);
            case 'g', 'G', 'n' -> general(size, precision < 0 ? 6 : Math.max(1, precision), false);
            case ' ' ->
                precision < 0 ? Printed.real(size) : general(size, Math.max(1, precision), true);
            default -> throw unknown("float");
          };
    }
    if (Character.isUpperCase(type)) {
      digits = digits.toUpperCase(Locale.ROOT);
    }
    int end = 0;
    while (end < digits.length() && Character.isDigit(digits.charAt(end))) {
      end++;
    }
    return padded(
        signOf(negative), grouped(digits.substring(0, end), 3) + digits.substring(end), '>');
  }

  static String fixed(double value, int digits) {
    return fixed(value, digits, 0);
  }

  private static String fixed(double value, int digits, int shift) {
    double shifted = shift == 0 ? value : value * 100;
    return new BigDecimal(shifted).setScale(digits, RoundingMode.HALF_EVEN).toPlainString();
  }

  static String exponential(double value, int digits) {
    if (value == 0) {
      return "0" + (digits > 0 ? "." + "0".repeat(digits) : "") + "e+00";
    }
    BigDecimal rounded =
        new BigDecimal(value).round(new MathContext(digits + 1, RoundingMode.HALF_EVEN));
    String unscaled = rounded.unscaledValue().toString();
    int exponent = unscaled.length() - rounded.scale() - 1;
    unscaled += "0".repeat(Math.max(0, digits + 1 - unscaled.length()));
    return Numbers.scientific(unscaled.substring(0, digits + 1), exponent);
  }

  private String general(double value, int digits, boolean asRepr) {
    String scientific = exponential(value, digits - 1);
    int exponent = Integer.parseInt(scientific.substring(scientific.indexOf('e') + 1));
    boolean plain = exponent >= -4 && exponent < digits - (asRepr ? 1 : 0);
    String number =
        plain
            ? fixed(value, Math.max(0, digits - 1 - exponent))
            : scientific.substring(0, scientific.indexOf('e'));
    if (!alternate && number.contains(".")) {
      number = StringMethods.strip(number, "0", false, true);
      number = number.endsWith(".") ? number.substring(0, number.length() - 1) : number;
    }
    if (plain) {
      return asRepr && !number.contains(".") ? number + ".0" : number;
    }
    return number + scientific.substring(scientific.indexOf('e'));
  }

  private String grouped(String digits, int size) {
    if (grouping == ' ') {
      return digits;
    }
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < digits.length(); i++) {
      if (i > 0 && (digits.length() - i) % size == 0) {
        out.append(grouping);
      }
      out.append(digits.charAt(i));
    }
    return out.toString();
  }

  private String padded(String prefix, String body, char usual) {
    int missing = width - CodePoints.length(prefix) - CodePoints.length(body);
    if (missing <= 0) {
      return prefix + body;
    }
    return switch (align == ' ' ? usual : align) {
      case '<' -> prefix + body + fill.repeat(missing);
      case '^' -> fill.repeat(missing / 2) + prefix + body + fill.repeat(missing - missing / 2);
      case '=' -> prefix + fill.repeat(missing) + body;
      default -> fill.repeat(missing) + prefix + body;
    };
  }
}
