package dev.slipway.base.binding;

import dev.slipway.base.Json;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Records as YAML: every key written out, in the records' order, in blocks. {@link Binder} reads an
 * equal record from it; the same record always gives the same bytes.
 */
public final class YamlWriter {
  private static final String PLAIN = "[A-Za-z/][A-Za-z0-9_./+-]*( [A-Za-z0-9_./+-]+)*";

  private final StringBuilder text = new StringBuilder();

  private YamlWriter() {}

  public static String write(Object document, Shape.Group shape) {
    YamlWriter writer = new YamlWriter();
    writer.keys(document, shape, 0);
    return writer.text.toString();
  }

  private void keys(Object group, Shape.Group shape, int indent) {
    for (Shape.Field field : shape.fields()) {
      text.append(" ".repeat(indent)).append(field.key()).append(':');
      value(field.of(group), field.shape(), indent + 2);
    }
  }

  /** What follows a colon or a dash, the line end with it. */
  private void value(Object value, Shape shape, int indent) {
    switch (shape) {
      case Shape.AutoOf(Shape inner) -> {
        if (((Auto<?>) value).isAuto()) {
          line("auto");
        } else {
          value(((Auto<?>) value).value(), inner, indent);
        }
      }
      case Shape.NoneOr(Shape inner) -> {
        Optional<?> optional = (Optional<?>) value;
        if (optional.isEmpty()) {
          line("none");
        } else {
          value(optional.get(), inner, indent);
        }
      }
      case Shape.ListOf(Shape item) -> list((List<?>) value, item, indent);
      case Shape.Group group -> {
        if (group.fields().isEmpty()) {
          line("{}");
        } else {
          text.append('\n');
          keys(value, group, indent);
        }
      }
      case Shape.Again again -> value(value, again.whole().get(), indent);
      case Shape.OneOf oneOf -> {
        Shape.Kind kind = oneOf.kindOf(value);
        if (kind.group().fields().isEmpty()) {
          line(kind.name());
        } else {
          text.append('\n').append(" ".repeat(indent)).append(kind.name()).append(":\n");
          keys(kind.unwrap(value), kind.group(), indent + 2);
        }
      }
      case Shape.Text _ -> line(quoted(Variables.escape((String) value)));
      case Shape.Flag _, Shape.Whole _ -> line(value.toString());
      case Shape.Decimal _ -> line(decimal((Double) value));
      case Shape.Word word -> line(word.nameOf(value));
      case Shape.Quantity(ScalarType<?> type) -> line(type.formatted(value));
    }
  }

  private void list(List<?> items, Shape shape, int indent) {
    if (items.isEmpty()) {
      line("[]");
      return;
    }
    text.append('\n');
    for (Object item : items) {
      int start = text.length();
      text.append(" ".repeat(indent)).append('-');
      int dash = text.length();
      value(item, shape, indent + 2);
      // A block that would begin below its dash begins beside it.
      if (text.charAt(dash) == '\n') {
        text.replace(start, dash + 1 + indent + 2, " ".repeat(indent) + "- ");
      }
    }
  }

  private void line(String word) {
    text.append(' ').append(word).append('\n');
  }

  private static String quoted(String value) {
    boolean ambiguous =
        value.matches("(?i)true|false|null|auto|none|yes|no|on|off")
            || value.matches(Numbers.DECIMAL);
    return value.matches(PLAIN) && !ambiguous ? value : escaped(Json.line(value));
  }

  /** JSON's string with what YAML does not take as it is: all but plain text of any language. */
  private static String escaped(String json) {
    StringBuilder escaped = new StringBuilder();
    json.codePoints()
        .forEach(
            point -> {
              boolean letter = Character.isLetterOrDigit(point) && point != 0xFEFF;
              if (point < 0x7f || letter) {
                escaped.appendCodePoint(point);
              } else if (point <= 0xFFFF) {
                escaped.append(String.format(Locale.ROOT, "\\u%04x", point));
              } else {
                escaped.append(String.format(Locale.ROOT, "\\U%08x", point));
              }
            });
    return escaped.toString();
  }

  /** The shortest form that parses to the same double. */
  private static String decimal(double value) {
    String plain = BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
    return plain.length() <= 12 ? plain : Double.toString(value);
  }
}
