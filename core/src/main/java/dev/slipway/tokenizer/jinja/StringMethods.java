package dev.slipway.tokenizer.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** The methods of Python's {@code str}. */
final class StringMethods {
  static final Set<String> NAMES =
      Set.of(
          "capitalize",
          "casefold",
          "center",
          "count",
          "endswith",
          "expandtabs",
          "find",
          "format",
          "format_map",
          "index",
          "isalnum",
          "isalpha",
          "isascii",
          "isdecimal",
          "isdigit",
          "isidentifier",
          "islower",
          "isnumeric",
          "isprintable",
          "isspace",
          "istitle",
          "isupper",
          "join",
          "ljust",
          "lower",
          "lstrip",
          "partition",
          "removeprefix",
          "removesuffix",
          "replace",
          "rfind",
          "rindex",
          "rjust",
          "rpartition",
          "rsplit",
          "rstrip",
          "split",
          "splitlines",
          "startswith",
          "strip",
          "swapcase",
          "title",
          "upper",
          "zfill");

  private static final int[][] DIGITS = {
    {0xb2, 0xb3}, {0xb9, 0xb9}, {0x1369, 0x1371}, {0x19da, 0x19da}, {0x2070, 0x2070},
    {0x2074, 0x2079}, {0x2080, 0x2089}, {0x2460, 0x2468}, {0x2474, 0x247c}, {0x2488, 0x2490},
    {0x24ea, 0x24ea}, {0x24f5, 0x24fd}, {0x24ff, 0x24ff}, {0x2776, 0x277e}, {0x2780, 0x2788},
    {0x278a, 0x2792}, {0x10a40, 0x10a43}, {0x10e60, 0x10e68}, {0x11052, 0x1105a}, {0x1f100, 0x1f10a}
  };

  /** Letters that Unicode's Unihan says to be numbers (kPrimaryNumeric and its fellows). */
  private static final String IDEOGRAPHIC_NUMBERS =
      "㐅㒃㠪㭍一七万三九二五亖亿什仟仨伍佰億兆兩八六十千卄卅卌叁参參叄四壱壹幺廾廿弌弍弎弐拾捌柒漆玖百肆萬貮貳贰阡陆陌陸零𠀁𠁤𠃢𠄡𠤪𠦃𠦌𠦜𠫪𠫽𠬙𢎐𢦘𣬛𦉭"
          + "\uf96b\uf973\uf978\uf9b2\uf9d1\uf9d3\uf9fd\ud87e\udc90";

  private StringMethods() {}

  static Value call(String name, Value.Text self, Arguments arguments, Rendering rendering) {
    String text = self.text();
    rendering.meter().size(text.length());
    Value result = made(name, text, arguments, rendering);
    if (result instanceof Value.Sequence parts) {
      rendering.meter().size(64L * parts.items().size());
    }
    return result;
  }

  private static Value made(String name, String text, Arguments arguments, Rendering rendering) {
    return switch (name) {
      case "upper" -> plain(name, arguments, text.toUpperCase(Locale.ROOT));
      case "lower" -> plain(name, arguments, text.toLowerCase(Locale.ROOT));
      case "casefold" -> plain(name, arguments, LetterCase.fold(text));
      case "title" -> plain(name, arguments, LetterCase.title(text));
      case "capitalize" -> plain(name, arguments, LetterCase.capitalize(text));
      case "swapcase" -> plain(name, arguments, LetterCase.swap(text));
      case "strip" -> Value.of(strip(text, stripped(name, arguments), true, true));
      case "lstrip" -> Value.of(strip(text, stripped(name, arguments), true, false));
      case "rstrip" -> Value.of(strip(text, stripped(name, arguments), false, true));
      case "split", "rsplit" -> split(name, text, arguments);
      case "splitlines" -> {
        Arguments.Bound bound = arguments.bind("splitlines", 0, 0, "keepends");
        yield texts(lines(text, bound.isTrue(0, false)));
      }
      case "partition", "rpartition" -> partition(name, text, arguments);
      case "startswith", "endswith" -> Value.of(affix(name, text, arguments));
      case "removeprefix" -> {
        String prefix = one(name, arguments);
        yield Value.of(text.startsWith(prefix) ? text.substring(prefix.length()) : text);
      }
      case "removesuffix" -> {
        String suffix = one(name, arguments);
        yield Value.of(
            !suffix.isEmpty() && text.endsWith(suffix)
                ? text.substring(0, text.length() - suffix.length())
                : text);
      }
      case "replace" -> {
        Arguments.Bound bound = arguments.bind(name, 0, 2, "old", "new", "count");
        yield Value.of(
            replace(
                text,
                needed(name, 1, bound.required(0)),
                needed(name, 2, bound.required(1)),
                bound.integer(2, -1),
                rendering.meter()));
      }
      case "find", "rfind", "index", "rindex", "count" -> search(name, text, arguments);
      case "join" -> join(text, arguments, rendering);
      case "format" -> Value.of(BraceFormat.format(text, arguments, rendering));
      case "format_map" -> {
        Value map = arguments.bind(name, 0, 1, "mapping").required(0);
        yield Value.of(BraceFormat.formatMap(text, map, rendering));
      }
      case "center", "ljust", "rjust" -> pad(name, text, arguments, rendering.meter());
      case "zfill" -> {
        int width = arguments.bind(name, 0, 1, "width").integer(0, 0);
        rendering.meter().size(width);
        boolean signed = text.startsWith("-") || text.startsWith("+");
        String zeros = "0".repeat(Math.max(0, width - CodePoints.length(text)));
        yield Value.of(signed ? text.charAt(0) + zeros + text.substring(1) : zeros + text);
      }
      case "expandtabs" -> {
        int size = arguments.bind(name, 0, 0, "tabsize").integer(0, 8);
        rendering.meter().size((long) Math.max(0, size) * text.length());
        yield Value.of(expandTabs(text, size));
      }
      default -> Value.of(is(name, text, arguments));
    };
  }

  private static Value plain(String name, Arguments arguments, String result) {
    if (!arguments.positional().isEmpty() || !arguments.named().isEmpty()) {
      throw TemplateException.type(
          "str.%s() takes no arguments (%d given)".formatted(name, arguments.positional().size()));
    }
    return Value.of(result);
  }

  private static Value texts(List<String> texts) {
    return new Value.Sequence(
        Collections.unmodifiableList(new ArrayList<Value>(texts.stream().map(Value::of).toList())));
  }

  private static String one(String name, Arguments arguments) {
    return needed(name, 0, arguments.bind("str." + name, 0, 1, "text").required(0));
  }

  private static String needed(String name, int position, Value value) {
    if (value instanceof Value.Text text) {
      return text.text();
    }
    String place = position == 0 ? "argument" : "argument " + position;
    throw TemplateException.type(
        "%s() %s must be str, not %s".formatted(name, place, value.typeName()));
  }

  private static @Nullable String stripped(String name, Arguments arguments) {
    Value chars = arguments.bind(name, 0, 0, "chars").present(0);
    if (chars == null) {
      return null;
    }
    if (chars instanceof Value.Text text) {
      return text.text();
    }
    throw TemplateException.type(name + " arg must be None or str");
  }

  /**
   * @param chars what is taken away, null for space
   */
  static String strip(String text, @Nullable String chars, boolean left, boolean right) {
    IntPredicate gone = chars == null ? CodePoints::isSpace : c -> chars.indexOf(c) >= 0;
    int start = 0;
    int end = text.length();
    while (left && start < end) {
      int c = text.codePointAt(start);
      if (!gone.test(c)) {
        break;
      }
      start += Character.charCount(c);
    }
    while (right && end > start) {
      int c = text.codePointBefore(end);
      if (!gone.test(c)) {
        break;
      }
      end -= Character.charCount(c);
    }
    return text.substring(start, end);
  }

  private static Value split(String name, String text, Arguments arguments) {
    Arguments.Bound bound = arguments.bind(name, 0, 0, "sep", "maxsplit");
    Value separator = bound.present(0);
    int most = bound.integer(1, -1);
    most = most < 0 ? Integer.MAX_VALUE : most;
    boolean right = name.equals("rsplit");
    if (separator == null) {
      return texts(right ? splitSpaceRight(text, most) : splitSpace(text, most));
    }
    if (!(separator instanceof Value.Text by)) {
      throw TemplateException.type("must be str or None, not " + separator.typeName());
    }
    if (by.text().isEmpty()) {
      throw TemplateException.value("empty separator");
    }
    return texts(right ? splitRight(text, by.text(), most) : split(text, by.text(), most));
  }

  private static List<String> split(String text, String by, int most) {
    List<String> parts = new ArrayList<>();
    int from = 0;
    int at = text.indexOf(by);
    while (at >= 0 && parts.size() < most) {
      parts.add(text.substring(from, at));
      from = at + by.length();
      at = text.indexOf(by, from);
    }
    parts.add(text.substring(from));
    return parts;
  }

  static List<String> splitRight(String text, String by, int most) {
    List<String> parts = new ArrayList<>();
    int to = text.length();
    while (parts.size() < most) {
      int at = to < by.length() ? -1 : text.lastIndexOf(by, to - by.length());
      if (at < 0) {
        break;
      }
      parts.add(text.substring(at + by.length(), to));
      to = at;
    }
    parts.add(text.substring(0, to));
    return parts.reversed();
  }

  private static List<String> splitSpace(String text, int most) {
    List<String> parts = new ArrayList<>();
    int from = 0;
    while (true) {
      while (from < text.length() && CodePoints.isSpace(text.charAt(from))) {
        from++;
      }
      if (from == text.length()) {
        return parts;
      }
      if (parts.size() == most) {
        parts.add(text.substring(from));
        return parts;
      }
      int to = from;
      while (to < text.length() && !CodePoints.isSpace(text.charAt(to))) {
        to++;
      }
      parts.add(text.substring(from, to));
      from = to;
    }
  }

  private static List<String> splitSpaceRight(String text, int most) {
    List<String> parts = new ArrayList<>();
    int to = text.length();
    while (true) {
      while (to > 0 && CodePoints.isSpace(text.charAt(to - 1))) {
        to--;
      }
      if (to == 0) {
        return parts.reversed();
      }
      if (parts.size() == most) {
        parts.add(text.substring(0, to));
        return parts.reversed();
      }
      int from = to;
      while (from > 0 && !CodePoints.isSpace(text.charAt(from - 1))) {
        from--;
      }
      parts.add(text.substring(from, to));
      to = from;
    }
  }

  static List<String> lines(String text, boolean keepEnds) {
    List<String> lines = new ArrayList<>();
    int from = 0;
    int at = 0;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (CodePoints.isLineEnd(c)) {
        int end = c == '\r' && text.startsWith("\n", at + 1) ? at + 2 : at + 1;
        lines.add(text.substring(from, keepEnds ? end : at));
        from = end;
        at = end;
      } else {
        at++;
      }
    }
    if (from < text.length()) {
      lines.add(text.substring(from));
    }
    return lines;
  }

  private static Value partition(String name, String text, Arguments arguments) {
    String by = one(name, arguments);
    if (by.isEmpty()) {
      throw TemplateException.value("empty separator");
    }
    boolean right = name.equals("rpartition");
    int at = right ? text.lastIndexOf(by) : text.indexOf(by);
    if (at < 0) {
      return right
          ? Value.Tuple.of(Value.of(""), Value.of(""), Value.of(text))
          : Value.Tuple.of(Value.of(text), Value.of(""), Value.of(""));
    }
    return Value.Tuple.of(
        Value.of(text.substring(0, at)), Value.of(by), Value.of(text.substring(at + by.length())));
  }

  private static boolean affix(String name, String text, Arguments arguments) {
    Arguments.Bound bound = arguments.bind(name, 0, 1, "prefix", "start", "end");
    String part = bounded(text, bound, 1);
    if (part == null) {
      return false;
    }
    List<Value> candidates =
        bound.required(0) instanceof Value.Tuple tuple ? tuple.items() : List.of(bound.required(0));
    for (Value candidate : candidates) {
      if (!(candidate instanceof Value.Text affix)) {
        throw TemplateException.type(
            bound.required(0) instanceof Value.Tuple
                ? "tuple for %s must only contain str, not %s".formatted(name, candidate.typeName())
                : "%s first arg must be str or a tuple of str, not %s"
                    .formatted(name, candidate.typeName()));
      }
      if (name.equals("startswith") ? part.startsWith(affix.text()) : part.endsWith(affix.text())) {
        return true;
      }
    }
    return false;
  }

  /** The text between optional bounds in code points; null where there is no such place. */
  private static @Nullable String bounded(String text, Arguments.Bound bound, int first) {
    if (bound.present(first) == null && bound.present(first + 1) == null) {
      return text;
    }
    int length = CodePoints.length(text);
    int start = clamp(bound.present(first), 0, length);
    int end = Math.min(length, clamp(bound.present(first + 1), length, length));
    return start > length || start > end ? null : CodePoints.slice(text, start, end);
  }

  private static int clamp(@Nullable Value index, int otherwise, int length) {
    if (index == null) {
      return otherwise;
    }
    int value = Arguments.integer(index);
    return value < 0 ? Math.max(0, value + length) : value;
  }

  private static Value search(String name, String text, Arguments arguments) {
    Arguments.Bound bound = arguments.bind(name, 0, 1, "sub", "start", "end");
    String sub = needed(name, 1, bound.required(0));
    String part = bounded(text, bound, 1);
    if (name.equals("count")) {
      return Value.of(part == null ? 0 : count(part, sub));
    }
    int at = part == null ? -1 : name.startsWith("r") ? part.lastIndexOf(sub) : part.indexOf(sub);
    if (at < 0) {
      if (name.endsWith("index")) {
        throw TemplateException.value("substring not found");
      }
      return Value.of(-1);
    }
    int start = clamp(bound.present(1), 0, CodePoints.length(text));
    return Value.of(start + (part == null ? 0 : part.codePointCount(0, at)));
  }

  private static int count(String text, String sub) {
    if (sub.isEmpty()) {
      return CodePoints.length(text) + 1;
    }
    int count = 0;
    for (int at = text.indexOf(sub); at >= 0; at = text.indexOf(sub, at + sub.length())) {
      count++;
    }
    return count;
  }

  /**
   * @param most how many are replaced, all where it is negative
   */
  static String replace(String text, String old, String replacement, int most, Meter meter) {
    int occurrences = most < 0 ? count(text, old) : Math.min(most, count(text, old));
    meter.size(
        text.length() + (long) occurrences * Math.max(0, replacement.length() - old.length()));
    if (most < 0 && !old.isEmpty()) {
      return text.replace(old, replacement);
    }
    StringBuilder out = new StringBuilder();
    int from = 0;
    for (int i = 0; i < occurrences; i++) {
      if (old.isEmpty()) {
        out.append(replacement);
        if (from < text.length()) {
          int next = text.offsetByCodePoints(from, 1);
          out.append(text, from, next);
          from = next;
        }
      } else {
        int at = text.indexOf(old, from);
        out.append(text, from, at).append(replacement);
        from = at + old.length();
      }
    }
    return out.append(text.substring(from)).toString();
  }

  private static Value join(String separator, Arguments arguments, Rendering rendering) {
    Value items = arguments.bind("str.join", 0, 1, "iterable").required(0);
    if (!rendering.operators().isIterable(items)) {
      throw TemplateException.type("can only join an iterable");
    }
    StringBuilder out = new StringBuilder();
    int index = 0;
    for (Value item : rendering.operators().list(items)) {
      if (!(item instanceof Value.Text text)) {
        throw TemplateException.type(
            "sequence item %d: expected str instance, %s found".formatted(index, item.typeName()));
      }
      out.append(index++ == 0 ? "" : separator).append(text.text());
      rendering.meter().grown(out.length(), text.text().length());
    }
    return Value.of(out.toString());
  }

  private static Value pad(String name, String text, Arguments arguments, Meter meter) {
    Arguments.Bound bound = arguments.bind(name, 0, 1, "width", "fillchar");
    int width = bound.integer(0, 0);
    String fill = bound.text(1, " ");
    if (CodePoints.length(fill) != 1) {
      throw TemplateException.type("The fill character must be exactly one character long");
    }
    meter.size(width);
    return Value.of(
        switch (name) {
          case "center" -> center(text, width, fill);
          case "ljust" -> text + fill.repeat(Math.max(0, width - CodePoints.length(text)));
          default -> fill.repeat(Math.max(0, width - CodePoints.length(text))) + text;
        });
  }

  static String center(String text, int width, String fill) {
    int missing = Math.max(0, width - CodePoints.length(text));
    // Python gives the odd one to the left where the width is odd.
    int left = missing / 2 + (missing & width & 1);
    return fill.repeat(left) + text + fill.repeat(missing - left);
  }

  private static String expandTabs(String text, int size) {
    StringBuilder out = new StringBuilder();
    int column = 0;
    for (int c : text.codePoints().toArray()) {
      if (c == '\t') {
        int spaces = size <= 0 ? 0 : size - column % size;
        out.append(" ".repeat(spaces));
        column += spaces;
      } else {
        out.appendCodePoint(c);
        column = c == '\n' || c == '\r' ? 0 : column + 1;
      }
    }
    return out.toString();
  }

  static boolean is(String name, String text, Arguments arguments) {
    plain(name, arguments, text);
    return switch (name) {
      case "isascii" -> text.codePoints().allMatch(c -> c < 0x80);
      case "isprintable" -> text.codePoints().allMatch(Printed::isPrintable);
      case "islower" -> LetterCase.isLower(text);
      case "isupper" -> LetterCase.isUpper(text);
      case "istitle" -> LetterCase.isTitle(text);
      case "isidentifier" ->
          !text.isEmpty()
              && isNameStart(text.codePointAt(0))
              && text.codePoints().allMatch(StringMethods::isNamePart);
      case "isspace" -> all(text, CodePoints::isSpace);
      case "isalpha" -> all(text, Character::isLetter);
      case "isdecimal" -> all(text, Character::isDigit);
      case "isdigit" -> all(text, StringMethods::isDigit);
      case "isnumeric" -> all(text, StringMethods::isNumeric);
      case "isalnum" -> all(text, c -> Character.isLetter(c) || isNumeric(c));
      default -> throw new IllegalArgumentException(name);
    };
  }

  static boolean isNameStart(int c) {
    return c == '_' || Character.isLetter(c) || Character.getType(c) == Character.LETTER_NUMBER;
  }

  static boolean isNamePart(int c) {
    return c == '_'
        || (Character.isUnicodeIdentifierPart(c) && !Character.isIdentifierIgnorable(c));
  }

  private static boolean all(String text, IntPredicate test) {
    return !text.isEmpty() && text.codePoints().allMatch(test);
  }

  /** Unicode's Numeric_Type of Decimal or Digit; the ranges are the digits that aren't decimal. */
  private static boolean isDigit(int c) {
    if (Character.isDigit(c)) {
      return true;
    }
    for (int[] range : DIGITS) {
      if (c >= range[0] && c <= range[1]) {
        return true;
      }
    }
    return false;
  }

  private static boolean isNumeric(int c) {
    int type = Character.getType(c);
    return type == Character.DECIMAL_DIGIT_NUMBER
        || type == Character.LETTER_NUMBER
        || type == Character.OTHER_NUMBER
        || IDEOGRAPHIC_NUMBERS.indexOf(c) >= 0;
  }
}
