package dev.slipway.tokenizer.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Python's {@code text % values}. */
final class PercentFormat {
  private static final int MOST = 1_000_000;

  private final String format;
  private final List<Value> values;
  private final @Nullable Value mapping;
  private final Rendering rendering;
  private int at;
  private int used;

  private PercentFormat(String format, Value values, Rendering rendering) {
    this.format = format;
    this.values = values instanceof Value.Tuple tuple ? tuple.items() : List.of(values);
    this.rendering = rendering;
    mapping =
        switch (values) {
          case Value.Dict _, Value.Sequence _, Value.Undefined _, Value.Range _ -> values;
          default -> null;
        };
  }

  static String format(String format, Value values, Rendering rendering) {
    return new PercentFormat(format, values, rendering).format();
  }

  private String format() {
    StringBuilder out = new StringBuilder();
    while (at < format.length()) {
      int percent = format.indexOf('%', at);
      if (percent < 0) {
        break;
      }
      out.append(format, at, percent);
      at = percent + 1;
      String made = conversion();
      out.append(made);
      rendering.meter().grown(out.length(), made.length());
    }
    out.append(format.substring(Math.min(at, format.length())));
    if (used < values.size() && mapping == null) {
      throw TemplateException.type("not all arguments converted during string formatting");
    }
    return out.toString();
  }

  private char peek() {
    if (at >= format.length()) {
      throw TemplateException.value("incomplete format");
    }
    return format.charAt(at);
  }

  private String conversion() {
    Value value = null;
    if (peek() == '(') {
      int end = closing();
      value = named(format.substring(at + 1, end));
      at = end + 1;
    }
    boolean left = false;
    boolean zero = false;
    boolean alternate = false;
    char sign = '-';
    for (; "-+ #0".indexOf(peek()) >= 0; at++) {
      switch (peek()) {
        case '-' -> left = true;
        case '+' -> sign = '+';
        case ' ' -> sign = sign == '+' ? '+' : ' ';
        case '#' -> alternate = true;
        default -> zero = true;
      }
    }
    int width = number();
    if (width < 0) {
      left = true;
      width = -width;
    }
    int precision = -1;
    if (peek() == '.') {
      at++;
      precision = Math.max(0, number());
    }
    while ("hlL".indexOf(peek()) >= 0) {
      at++;
    }
    char type = peek();
    at++;
    if (type == '%') {
      return "%";
    }
    if (value == null) {
      value = next();
    }
    String[] parts = convert(value, type, precision, alternate, sign);
    int missing = width - CodePoints.length(parts[0]) - CodePoints.length(parts[1]);
    if (missing <= 0) {
      return parts[0] + parts[1];
    }
    rendering.meter().size(missing);
    if (left) {
      return parts[0] + parts[1] + " ".repeat(missing);
    }
    boolean number = "sra c".indexOf(type) < 0;
    return zero && number
        ? parts[0] + "0".repeat(missing) + parts[1]
        : " ".repeat(missing) + parts[0] + parts[1];
  }

  private int closing() {
    int open = 0;
    for (int i = at; i < format.length(); i++) {
      open += format.charAt(i) == '(' ? 1 : format.charAt(i) == ')' ? -1 : 0;
      if (open == 0) {
        return i;
      }
    }
    throw TemplateException.value("incomplete format key");
  }

  private Value named(String name) {
    if (mapping == null) {
      throw TemplateException.type("format requires a mapping");
    }
    used = values.size();
    if (mapping instanceof Value.Dict dict) {
      Value value = dict.get(name);
      if (value == null) {
        throw new TemplateException("KeyError", Printed.quoted(name));
      }
      return value;
    }
    Equality.failIfUndefined(mapping);
    throw TemplateException.type(
        "%s indices must be integers or slices, not str".formatted(mapping.typeName()));
  }

  private Value next() {
    if (used >= values.size()) {
      throw TemplateException.type("not enough arguments for format string");
    }
    return values.get(used++);
  }

  private int number() {
    if (peek() == '*') {
      at++;
      Value star = next();
      if (Numbers.integer(star) == null) {
        throw TemplateException.type("* wants int");
      }
      return Math.clamp(Arguments.integer(star), -MOST, MOST);
    }
    long number = 0;
    while (peek() >= '0' && peek() <= '9') {
      number = number * 10 + peek() - '0';
      at++;
      if (number > MOST) {
        throw TemplateException.value("width too big");
      }
    }
    return (int) number;
  }

  /** The sign with a prefix, and the rest. */
  private String[] convert(Value value, char type, int precision, boolean alternate, char sign) {
    switch (type) {
      case 's', 'r', 'a' -> {
        String text = type == 's' ? Printed.str(value) : Printed.repr(value);
        boolean cut = precision >= 0 && CodePoints.length(text) > precision;
        return new String[] {"", cut ? CodePoints.slice(text, 0, precision) : text};
      }
      case 'c' -> {
        if (value instanceof Value.Text text && CodePoints.length(text.text()) == 1) {
          return new String[] {"", text.text()};
        }
        BigInteger code = Numbers.integer(value);
        if (code == null) {
          throw TemplateException.type("%c requires int or char");
        }
        if (code.signum() < 0 || code.bitLength() > 21 || code.intValue() > 0x10ffff) {
          throw TemplateException.overflow("%c arg not in range(0x110000)");
        }
        return new String[] {"", Character.toString(code.intValue())};
      }
      case 'd', 'i', 'u', 'o', 'x', 'X' -> {
        BigInteger number = whole(value, type);
        int base = type == 'o' ? 8 : type == 'x' || type == 'X' ? 16 : 10;
        String digits = number.abs().toString(base);
        digits = "0".repeat(Math.max(0, precision - digits.length())) + digits;
        String prefix = alternate && base != 10 ? "0" + type : "";
        return new String[] {
          (number.signum() < 0 ? "-" : sign == '-' ? "" : Character.toString(sign)) + prefix,
          type == 'X' ? digits.toUpperCase(java.util.Locale.ROOT) : digits
        };
      }
      case 'e', 'E', 'f', 'F', 'g', 'G' -> {
        Equality.failIfUndefined(value);
        Value number = Numbers.number(value);
        if (number == null) {
          throw TemplateException.type("must be real number, not " + value.typeName());
        }
        FormatSpec spec = new FormatSpec(" ", ' ', sign, alternate, 0, ' ', precision, type);
        String text = spec.apply(new Value.Real(Numbers.real(number)));
        boolean signed = !text.isEmpty() && "+- ".indexOf(text.charAt(0)) >= 0;
        return signed
            ? new String[] {text.substring(0, 1), text.substring(1)}
            : new String[] {"", text};
      }
      default ->
          throw TemplateException.value(
              "unsupported format character %s (0x%s) at index %d"
                  .formatted(
                      Printed.quoted(Character.toString(type)), Integer.toHexString(type), at - 1));
    }
  }

  private static BigInteger whole(Value value, char type) {
    Value number = Numbers.number(value);
    if (number instanceof Value.Int integer) {
      return integer.value();
    }
    if (number instanceof Value.Real real
        && "diu".indexOf(type) >= 0
        && Double.isFinite(real.value())) {
      return new BigDecimal(real.value()).toBigInteger();
    }
    String wanted =
        "diu".indexOf(type) >= 0 ? "a real number is required" : "an integer is required";
    throw TemplateException.type(
        "%%%s format: %s, not %s".formatted(type, wanted, value.typeName()));
  }
}
