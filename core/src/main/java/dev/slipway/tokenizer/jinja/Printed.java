package dev.slipway.tokenizer.jinja;

import java.math.BigDecimal;
import java.util.List;

/** Values as Python's {@code str} and {@code repr} spell them. */
final class Printed {
  // Lists may hold each other many times over: what they spell can be far longer than they are.
  private static final int LONGEST = Limits.USUAL.characters();

  private Printed() {}

  static String str(Value value) {
    return switch (value) {
      case Value.Text text -> text.text();
      case Value.Undefined _ -> "";
      default -> repr(value);
    };
  }

  static String repr(Value value) {
    StringBuilder out = new StringBuilder();
    repr(value, out);
    return out.toString();
  }

  /** A text as {@code repr} quotes it. */
  static String quoted(String text) {
    StringBuilder out = new StringBuilder();
    quote(text, out);
    return out.toString();
  }

  /** How Jinja calls the type of an object in which something was not found. */
  static String objectType(Value value) {
    return switch (value) {
      case Value.None _ -> "None";
      case Value.Undefined _ -> "jinja2.runtime.Undefined object";
      case Value.Text text when text.safe() -> "markupsafe.Markup object";
      case Value.Tuple tuple when !tuple.names().isEmpty() -> "jinja2.filters._GroupTuple object";
      case Value.Instance instance when !instance.module().equals("builtins") ->
          instance.module() + "." + instance.typeName() + " object";
      default -> value.typeName() + " object";
    };
  }

  private static void repr(Value value, StringBuilder out) {
    if (out.length() > LONGEST) {
      throw new TemplateException(
          TemplateException.LIMIT, "the template makes a text of more than " + LONGEST);
    }
    switch (value) {
      case Value.None _ -> out.append("None");
      case Value.Bool bool -> out.append(bool.isTrue() ? "True" : "False");
      case Value.Int number -> out.append(Numbers.digits(number.value()));
      case Value.Real number -> out.append(real(number.value()));
      case Value.Text text -> {
        if (text.safe()) {
          out.append("Markup(");
          quote(text.text(), out);
          out.append(')');
        } else {
          quote(text.text(), out);
        }
      }
      case Value.Sequence list -> items(list.items(), "[", "]", out);
      case Value.Tuple tuple ->
          items(tuple.items(), "(", tuple.items().size() == 1 ? ",)" : ")", out);
      case Value.Dict dict -> {
        out.append('{');
        String separator = "";
        for (Value.Dict.Entry entry : dict.entries()) {
          out.append(separator);
          repr(entry.key(), out);
          out.append(": ");
          repr(entry.value(), out);
          separator = ", ";
        }
        out.append('}');
      }
      case Value.View view -> {
        out.append(view.typeName()).append('(');
        items(view.items(), "[", "]", out);
        out.append(')');
      }
      case Value.Range range -> {
        out.append("range(").append(range.start()).append(", ").append(range.stop());
        if (range.step() != 1) {
          out.append(", ").append(range.step());
        }
        out.append(')');
      }
      case Value.Stream stream -> out.append('<').append(stream.typeName()).append(" object>");
      case Value.Undefined _ -> out.append("Undefined");
      case Value.Instance instance -> out.append(instance.repr());
    }
  }

  private static void items(List<Value> items, String open, String close, StringBuilder out) {
    out.append(open);
    String separator = "";
    for (Value item : items) {
      out.append(separator);
      repr(item, out);
      separator = ", ";
    }
    out.append(close);
  }

  private static void quote(String text, StringBuilder out) {
    char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
    out.append(quote);
    text.codePoints().forEach(c -> escape(c, quote, out));
    out.append(quote);
  }

  private static void escape(int c, char quote, StringBuilder out) {
    switch (c) {
      case '\\' -> out.append("\\\\");
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      default -> {
        if (c == quote) {
          out.append('\\').append(quote);
        } else if (isPrintable(c)) {
          out.appendCodePoint(c);
        } else if (c < 0x100) {
          out.append("\\x").append(hex(c, 2));
        } else if (c < 0x10000) {
          out.append("\\u").append(hex(c, 4));
        } else {
          out.append("\\U").append(hex(c, 8));
        }
      }
    }
  }

  static String hex(int c, int digits) {
    String hex = Integer.toHexString(c);
    return "0".repeat(digits - hex.length()) + hex;
  }

  /** As {@code str.isprintable}: neither "other" nor "separator", but for the space. */
  static boolean isPrintable(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      case Character.SPACE_SEPARATOR -> c == ' ';
      default -> true;
    };
  }

  /** A float by its shortest digits, with an exponent from 1e16 on and below 1e-4. */
  static String real(double value) {
    if (Double.isNaN(value)) {
      return "nan";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    if (value == 0) {
      return 1 / value < 0 ? "-0.0" : "0.0";
    }
    BigDecimal decimal = new BigDecimal(Double.toString(Math.abs(value))).stripTrailingZeros();
    String digits = decimal.unscaledValue().toString();
    int exponent = digits.length() - decimal.scale() - 1;
    String sign = value < 0 ? "-" : "";
    if (exponent >= 16 || exponent < -4) {
      return sign + Numbers.scientific(digits, exponent);
    }
    String plain = decimal.toPlainString();
    return sign + (plain.indexOf('.') < 0 ? plain + ".0" : plain);
  }
}
