package dev.slipway.tokenizer.jinja;

import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code str.format}, whose fields reach what the sandbox lets a template reach. */
final class BraceFormat {
  private final Arguments arguments;
  private final @Nullable Value map;
  private final Rendering rendering;
  private int next; // -1 once fields are numbered by hand

  private BraceFormat(Arguments arguments, @Nullable Value map, Rendering rendering) {
    this.arguments = arguments;
    this.map = map;
    this.rendering = rendering;
  }

  static String format(String text, Arguments arguments, Rendering rendering) {
    return new BraceFormat(arguments, null, rendering).format(text, 2);
  }

  static String formatMap(String text, Value map, Rendering rendering) {
    return new BraceFormat(new Arguments(List.of(), new LinkedHashMap<>()), map, rendering)
        .format(text, 2);
  }

  private String format(String text, int depth) {
    if (depth < 0) {
      throw TemplateException.value("Max string recursion exceeded");
    }
    StringBuilder out = new StringBuilder();
    int at = 0;
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c != '{' && c != '}') {
        out.append(c);
        continue;
      }
      if (at < text.length() && text.charAt(at) == c) {
        out.append(c);
        at++;
        continue;
      }
      if (c == '}') {
        throw TemplateException.value("Single '}' encountered in format string");
      }
      int end = closing(text, at);
      String field = field(text.substring(at, end), depth);
      out.append(field);
      rendering.meter().grown(out.length(), field.length());
      at = end + 1;
    }
    return out.toString();
  }

  private static int closing(String text, int from) {
    if (from >= text.length()) {
      throw TemplateException.value("Single '{' encountered in format string");
    }
    int open = 1;
    for (int i = from; i < text.length(); i++) {
      open += text.charAt(i) == '{' ? 1 : text.charAt(i) == '}' ? -1 : 0;
      if (open == 0) {
        return i;
      }
    }
    throw TemplateException.value("expected '}' before end of string");
  }

  private String field(String field, int depth) {
    int end = 0;
    int brackets = 0;
    while (end < field.length() && (brackets > 0 || "!:".indexOf(field.charAt(end)) < 0)) {
      brackets += field.charAt(end) == '[' ? 1 : field.charAt(end) == ']' ? -1 : 0;
      end++;
    }
    String rest = field.substring(end);
    char conversion = ' ';
    if (rest.startsWith("!")) {
      if (rest.length() < 2) {
        throw TemplateException.value("end of string while looking for conversion specifier");
      }
      conversion = rest.charAt(1);
      rest = rest.substring(2);
    }
    String spec = rest.startsWith(":") ? rest.substring(1) : "";
    Value value = lookUp(field.substring(0, end));
    value =
        switch (conversion) {
          case ' ' -> value;
          case 's' -> Value.of(Printed.str(value));
          case 'r', 'a' -> Value.of(Printed.repr(value));
          default -> throw TemplateException.value("Unknown conversion specifier " + conversion);
        };
    String made = format(spec, depth - 1);
    return made.isEmpty() ? Printed.str(value) : FormatSpec.parse(made, value).apply(value);
  }

  private Value lookUp(String field) {
    int end = 0;
    while (end < field.length() && field.charAt(end) != '.' && field.charAt(end) != '[') {
      end++;
    }
    Value value = first(field.substring(0, end));
    while (end < field.length()) {
      if (field.charAt(end) == '.') {
        int stop = end + 1;
        while (stop < field.length() && field.charAt(stop) != '.' && field.charAt(stop) != '[') {
          stop++;
        }
        value = rendering.attributes().attribute(value, field.substring(end + 1, stop));
        end = stop;
      } else {
        int stop = field.indexOf(']', end);
        if (stop < 0) {
          throw TemplateException.value("Missing ']' in format string");
        }
        String key = field.substring(end + 1, stop);
        boolean index = !key.isEmpty() && key.chars().allMatch(c -> c >= '0' && c <= '9');
        value =
            rendering
                .attributes()
                .item(
                    value,
                    index && key.length() < 10 ? Value.of(Long.parseLong(key)) : Value.of(key));
        end = stop + 1;
      }
    }
    return value;
  }

  private Value first(String name) {
    boolean number =
        !name.isEmpty() && name.length() < 10 && name.chars().allMatch(c -> c >= '0' && c <= '9');
    if (name.isEmpty() || number) {
      if (name.isEmpty() ? next < 0 : next > 0) {
        throw TemplateException.value(
            "cannot switch from manual field specification to automatic field numbering");
      }
      int index = name.isEmpty() ? next++ : Integer.parseInt(name);
      next = name.isEmpty() ? next : -1;
      if (index >= arguments.positional().size()) {
        throw new TemplateException("IndexError", "tuple index out of range");
      }
      return arguments.positional().get(index);
    }
    Value value;
    if (map instanceof Value.Dict dict) {
      value = dict.get(name);
    } else {
      value = arguments.named().get(name);
    }
    if (value == null) {
      throw new TemplateException("KeyError", Printed.quoted(name));
    }
    return value;
  }
}
