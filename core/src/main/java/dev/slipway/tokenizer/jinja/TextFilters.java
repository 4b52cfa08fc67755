package dev.slipway.tokenizer.jinja;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Filters of texts. */
final class TextFilters {
  private TextFilters() {}

  static Value apply(String name, Value value, Arguments arguments, Rendering rendering) {
    String text = Printed.str(value);
    Meter meter = rendering.meter();
    meter.size(text.length());
    boolean safe = value instanceof Value.Text marked && marked.safe();
    return switch (name) {
      case "capitalize" -> {
        arguments.bind("do_capitalize", 1, 0);
        yield new Value.Text(LetterCase.capitalize(text), safe);
      }
      case "upper" -> {
        arguments.bind("do_upper", 1, 0);
        yield new Value.Text(text.toUpperCase(Locale.ROOT), safe);
      }
      case "lower" -> {
        arguments.bind("do_lower", 1, 0);
        yield new Value.Text(text.toLowerCase(Locale.ROOT), safe);
      }
      case "title" -> {
        arguments.bind("do_title", 1, 0);
        yield Value.of(title(text));
      }
      case "string" -> {
        arguments.bind("soft_str", 1, 0);
        yield new Value.Text(text, safe);
      }
      case "safe" -> {
        arguments.bind("do_mark_safe", 1, 0);
        yield new Value.Text(text, true);
      }
      case "e", "escape" -> {
        arguments.bind("escape", 1, 0);
        yield new Value.Text(Html.escaped(value), true);
      }
      case "forceescape" -> {
        arguments.bind("do_forceescape", 1, 0);
        yield new Value.Text(Html.escape(text), true);
      }
      case "striptags" -> {
        arguments.bind("do_striptags", 1, 0);
        yield Value.of(Html.withoutTags(text));
      }
      case "trim" -> trim(text, safe, arguments);
      case "center" -> {
        int width = arguments.bind("do_center", 1, 0, "width").integer(0, 80);
        meter.size(width);
        yield new Value.Text(StringMethods.center(text, width, " "), safe);
      }
      case "replace" -> {
        Arguments.Bound bound = arguments.bind("do_replace", 2, 2, "old", "new", "count");
        int most = bound.present(2) == null ? -1 : bound.integer(2, -1);
        yield Value.of(
            StringMethods.replace(text, bound.text(0, ""), bound.text(1, ""), most, meter));
      }
      case "indent" -> indent(value, text, arguments, meter);
      case "truncate" -> truncate(value, text, arguments);
      case "wordcount" -> {
        arguments.bind("do_wordcount", 1, 0);
        yield Value.of(words(text));
      }
      case "wordwrap" -> WordWrap.filter(text, value, arguments);
      case "format" -> format(text, safe, arguments, rendering);
      case "urlencode" -> {
        arguments.bind("do_urlencode", 1, 0);
        yield Value.of(urlEncoded(value, rendering));
      }
      case "xmlattr" -> xmlAttributes(value, arguments);
      default -> throw new IllegalArgumentException(name);
    };
  }

  private static Value trim(String text, boolean safe, Arguments arguments) {
    Value chars = arguments.bind("do_trim", 1, 0, "chars").present(0);
    if (chars != null && !(chars instanceof Value.Text)) {
      throw TemplateException.type("strip arg must be None or str");
    }
    String gone = chars == null ? null : Printed.str(chars);
    return new Value.Text(StringMethods.strip(text, gone, true, true), safe);
  }

  /** Capitals behind hyphens, brackets and space, as Jinja's own {@code title} has it. */
  private static String title(String text) {
    StringBuilder out = new StringBuilder();
    boolean begins = true;
    for (String character : CodePoints.characters(text)) {
      int c = character.codePointAt(0);
      boolean separates = CodePoints.isSpace(c) || "-({[<".indexOf(c) >= 0;
      if (separates) {
        out.append(character);
      } else {
        out.append(
            begins ? character.toUpperCase(Locale.ROOT) : character.toLowerCase(Locale.ROOT));
      }
      begins = separates;
    }
    return out.toString();
  }

  private static long words(String text) {
    long words = 0;
    boolean inWord = false;
    for (int c : text.codePoints().toArray()) {
      boolean word = c == '_' || Character.isLetterOrDigit(c) || isNumeral(c);
      words += word && !inWord ? 1 : 0;
      inWord = word;
    }
    return words;
  }

  private static boolean isNumeral(int c) {
    int type = Character.getType(c);
    return type == Character.LETTER_NUMBER || type == Character.OTHER_NUMBER;
  }

  private static Value indent(Value value, String text, Arguments arguments, Meter meter) {
    Arguments.Bound bound = arguments.bind("do_indent", 1, 0, "width", "first", "blank");
    if (!(value instanceof Value.Text)) {
      Equality.failIfUndefined(value);
      throw TemplateException.type(
          "unsupported operand type(s) for +=: %s and 'str'"
              .formatted(Printed.quoted(value.typeName())));
    }
    Value width = bound.given(0);
    String indent =
        width instanceof Value.Text given
            ? given.text()
            : " ".repeat(Math.clamp(bound.integer(0, 4), 0, 1_000_000));
    List<String> lines = StringMethods.lines(text + "\n", false);
    meter.size((long) lines.size() * indent.length() + text.length());
    boolean blank = bound.isTrue(2, false);
    StringBuilder out = new StringBuilder(bound.isTrue(1, false) ? indent : "");
    for (int i = 0; i < lines.size(); i++) {
      if (i > 0) {
        out.append('\n').append(blank || !lines.get(i).isEmpty() ? indent : "");
      }
      out.append(lines.get(i));
    }
    return Value.of(out.toString());
  }

  private static Value truncate(Value value, String text, Arguments arguments) {
    Arguments.Bound bound =
        arguments.bind("do_truncate", 2, 0, "length", "killwords", "end", "leeway");
    int length = bound.integer(0, 255);
    String end = bound.text(2, "...");
    int endLength = CodePoints.length(end);
    int leeway = bound.present(3) == null ? 5 : bound.integer(3, 5);
    if (length < endLength) {
      throw new TemplateException(
          "AssertionError", "expected length >= %d, got %d".formatted(endLength, length));
    }
    if (leeway < 0) {
      throw new TemplateException("AssertionError", "expected leeway >= 0, got " + leeway);
    }
    if (!(value instanceof Value.Text) && !(value instanceof Value.Undefined)) {
      throw TemplateException.type(
          "object of type %s has no len()".formatted(Printed.quoted(value.typeName())));
    }
    if (CodePoints.length(text) <= (long) length + leeway) {
      return value;
    }
    String cut = CodePoints.slice(text, 0, length - endLength);
    if (!bound.isTrue(1, false)) {
      int space = cut.lastIndexOf(' ');
      cut = space < 0 ? cut : cut.substring(0, space);
    }
    return Value.of(cut + end);
  }

  private static Value format(String text, boolean safe, Arguments arguments, Rendering rendering) {
    if (!arguments.positional().isEmpty() && !arguments.named().isEmpty()) {
      throw TemplateException.filterArgument(
          "can't handle positional and keyword arguments at the same time");
    }
    Value values = new Value.Tuple(arguments.positional());
    if (!arguments.named().isEmpty()) {
      Value.Dict named = new Value.Dict();
      arguments.named().forEach(named::put);
      values = named;
    }
    return new Value.Text(PercentFormat.format(text, values, rendering), safe);
  }

  private static String urlEncoded(Value value, Rendering rendering) {
    if (value instanceof Value.Text || !rendering.operators().isIterable(value)) {
      return quoted(Printed.str(value), false);
    }
    List<Value> pairs =
        value instanceof Value.Dict dict
            ? new Value.View("items", dict).items()
            : rendering.operators().list(value);
    List<String> parts = new ArrayList<>();
    for (Value pair : pairs) {
      List<Value> both = rendering.operators().list(pair);
      if (both.size() != 2) {
        throw TemplateException.value(
            both.size() > 2
                ? "too many values to unpack (expected 2)"
                : "not enough values to unpack (expected 2, got %d)".formatted(both.size()));
      }
      parts.add(
          quoted(Printed.str(both.get(0)), true) + "=" + quoted(Printed.str(both.get(1)), true));
    }
    return String.join("&", parts);
  }

  private static String quoted(String text, boolean forQuery) {
    StringBuilder out = new StringBuilder();
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      int c = b & 0xff;
      boolean plain =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || "_.-~".indexOf(c) >= 0
              || (c == '/' && !forQuery);
      if (plain) {
        out.append((char) c);
      } else if (c == ' ' && forQuery) {
        out.append('+');
      } else {
        out.append('%').append(Printed.hex(c, 2).toUpperCase(Locale.ROOT));
      }
    }
    return out.toString();
  }

  private static Value xmlAttributes(Value value, Arguments arguments) {
    Arguments.Bound bound = arguments.bind("do_xmlattr", 2, 0, "autospace");
    if (!(value instanceof Value.Dict dict)) {
      Equality.failIfUndefined(value);
      throw new TemplateException(
          "AttributeError",
          "%s object has no attribute 'items'".formatted(Printed.quoted(value.typeName())));
    }
    List<String> items = new ArrayList<>();
    for (Value.Dict.Entry entry : dict.entries()) {
      if (entry.value() == Value.None.NONE || entry.value() instanceof Value.Undefined) {
        continue;
      }
      String key = Printed.str(entry.key());
      if (key.chars().anyMatch(c -> c == '/' || c == '>' || c == '=' || isAsciiSpace(c))) {
        throw TemplateException.value(
            "Invalid character in attribute name: " + Printed.repr(entry.key()));
      }
      items.add(Html.escaped(entry.key()) + "=\"" + Html.escaped(entry.value()) + "\"");
    }
    String joined = String.join(" ", items);
    return Value.of(bound.isTrue(0, true) && !joined.isEmpty() ? " " + joined : joined);
  }

  private static boolean isAsciiSpace(int c) {
    return c == ' ' || (c >= 9 && c <= 13);
  }
}
