package dev.slipway.tokenizer.jinja;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Values as Python's {@code json.dumps} writes them. */
final class JsonText {
  private static final int LONGEST = Limits.USUAL.characters();

  private final boolean ascii;
  private final @Nullable String indent;
  private final String itemSeparator;
  private final String keySeparator;
  private final boolean sorted;
  private final Equality equality;
  private final StringBuilder out = new StringBuilder();

  private JsonText(
      boolean ascii,
      @Nullable String indent,
      String itemSeparator,
      String keySeparator,
      boolean sorted,
      Equality equality) {
    this.ascii = ascii;
    this.indent = indent;
    this.itemSeparator = itemSeparator;
    this.keySeparator = keySeparator;
    this.sorted = sorted;
    this.equality = equality;
  }

  /** The filter {@code tojson} of transformers, which escapes no HTML. */
  static String filter(Value value, Arguments arguments, Rendering rendering) {
    Arguments.Bound bound =
        arguments.bind(
            "_cached_compile_jinja_template.<locals>.tojson",
            1,
            0,
            "ensure_ascii",
            "indent",
            "separators",
            "sort_keys");
    Value indent = bound.present(1);
    String unit =
        switch (indent) {
          case null -> null;
          case Value.Text text -> text.text();
          default -> " ".repeat(Math.clamp(Arguments.integer(indent), 0, 1000));
        };
    String item = unit == null ? ", " : ",";
    String key = ": ";
    Value separators = bound.present(2);
    if (separators != null) {
      List<Value> pair = rendering.operators().list(separators);
      if (pair.size() != 2) {
        throw TemplateException.value(
            pair.size() > 2
                ? "too many values to unpack (expected 2)"
                : "not enough values to unpack (expected 2, got %d)".formatted(pair.size()));
      }
      item = Printed.str(pair.get(0));
      key = Printed.str(pair.get(1));
    }
    JsonText json =
        new JsonText(
            bound.isTrue(0, false), unit, item, key, bound.isTrue(3, false), rendering.equality());
    json.write(value, 0);
    return rendering.meter().paid(json.out.toString());
  }

  private void write(Value value, int depth) {
    if (out.length() > LONGEST) {
      throw new TemplateException(
          TemplateException.LIMIT, "the template makes a text of more than " + LONGEST);
    }
    switch (value) {
      case Value.None _ -> out.append("null");
      case Value.Bool bool -> out.append(bool.isTrue() ? "true" : "false");
      case Value.Int number -> out.append(Numbers.digits(number.value()));
      case Value.Real number -> out.append(real(number.value()));
      case Value.Text text -> string(text.text());
      case Value.Sequence list -> list(list.items(), depth);
      case Value.Tuple tuple -> list(tuple.items(), depth);
      case Value.Dict dict -> dict(dict, depth);
      default ->
          throw TemplateException.type(
              "Object of type %s is not JSON serializable".formatted(value.typeName()));
    }
  }

  private static String real(double value) {
    if (Double.isNaN(value)) {
      return "NaN";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "Infinity" : "-Infinity";
    }
    return Printed.real(value);
  }

  private void line(int depth) {
    if (indent != null) {
      out.append('\n').append(indent.repeat(depth));
    }
  }

  private void list(List<Value> items, int depth) {
    if (items.isEmpty()) {
      out.append("[]");
      return;
    }
    out.append('[');
    String separator = "";
    for (Value item : items) {
      out.append(separator);
      line(depth + 1);
      write(item, depth + 1);
      separator = itemSeparator;
    }
    line(depth);
    out.append(']');
  }

  private void dict(Value.Dict dict, int depth) {
    if (dict.size() == 0) {
      out.append("{}");
      return;
    }
    List<Value.Dict.Entry> entries = dict.entries();
    if (sorted) {
      List<Equality.Keyed> keyed = new ArrayList<>();
      entries.forEach(entry -> keyed.add(new Equality.Keyed(entry.key(), entry.value())));
      entries =
          equality.sorted(keyed, false).stream()
              .map(each -> new Value.Dict.Entry(each.key(), each.value()))
              .toList();
    }
    out.append('{');
    String separator = "";
    for (Value.Dict.Entry entry : entries) {
      out.append(separator);
      line(depth + 1);
      string(key(entry.key()));
      out.append(keySeparator);
      write(entry.value(), depth + 1);
      separator = itemSeparator;
    }
    line(depth);
    out.append('}');
  }

  private static String key(Value key) {
    return switch (key) {
      case Value.Text text -> text.text();
      case Value.None _ -> "null";
      case Value.Bool bool -> bool.isTrue() ? "true" : "false";
      case Value.Int number -> Numbers.digits(number.value());
      case Value.Real number -> real(number.value());
      default ->
          throw TemplateException.type(
              "keys must be str, int, float, bool or None, not " + key.typeName());
    };
  }

  private void string(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        default -> {
          if (c < ' ' || (ascii && c > '~')) {
            out.append("\\u").append(Printed.hex(c, 4));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
