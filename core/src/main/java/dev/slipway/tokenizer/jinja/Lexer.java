package dev.slipway.tokenizer.jinja;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Cuts a template into tokens. A trimming one has {@code trim_blocks} and {@code lstrip_blocks}:
 * the line end behind a block, the space before one that begins a line, and a line end at the very
 * end are no text. Any other takes all of it, with {@code keep_trailing_newline}.
 */
final class Lexer {
  private static final List<String> OPERATORS =
      List.of(
          "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{",
          "}", ">", "<", "=", ".", ":", "|", ",", ";");

  private final String source;
  private final boolean trimming;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private int line = 1;
  private boolean lineStarting = true;

  private Lexer(String source, boolean trimming) {
    String normal = source.replace("\r\n", "\n").replace('\r', '\n');
    this.source =
        trimming && normal.endsWith("\n") ? normal.substring(0, normal.length() - 1) : normal;
    this.trimming = trimming;
  }

  static List<Token> tokens(String source, boolean trimming) {
    Lexer lexer = new Lexer(source, trimming);
    lexer.root();
    lexer.add("eof", "");
    return lexer.tokens;
  }

  private void add(String type, String text) {
    tokens.add(new Token(line, type, text));
  }

  private TemplateException failure(String message) {
    return new TemplateException("TemplateSyntaxError", message, line);
  }

  private void root() {
    while (at < source.length()) {
      int begin = begin(at);
      if (begin < 0) {
        data(source.substring(at));
        at = source.length();
        return;
      }
      String text = source.substring(at, begin);
      char kind = source.charAt(begin + 1);
      int raw = kind == '%' ? rawEnd(begin) : -1;
      char sign = begin + 2 < source.length() ? source.charAt(begin + 2) : ' ';
      boolean signed = sign == '-' || sign == '+';
      data(stripped(text, signed ? sign : ' ', kind == '{'));
      if (raw >= 0) {
        moveTo(raw, begin);
        raw();
      } else {
        moveTo(begin + (signed ? 3 : 2), begin);
        switch (kind) {
          case '#' -> comment();
          case '%' -> code("block_begin", "block_end");
          default -> code("variable_begin", "variable_end");
        }
      }
    }
  }

  /** Where the next comment, block or variable begins. */
  private int begin(int from) {
    for (int i = source.indexOf('{', from); i >= 0; i = source.indexOf('{', i + 1)) {
      if (i + 1 < source.length() && "#%{".indexOf(source.charAt(i + 1)) >= 0) {
        return i;
      }
    }
    return -1;
  }

  private void data(String text) {
    if (!text.isEmpty()) {
      add("data", text);
    }
  }

  private String stripped(String text, char sign, boolean variable) {
    String kept = text;
    if (sign == '-') {
      kept = CodePoints.stripEnd(text);
    } else if (trimming && sign != '+' && !variable) {
      int start = text.lastIndexOf('\n') + 1;
      if ((start > 0 || lineStarting)
          && start < text.length()
          && CodePoints.isSpace(text.substring(start))) {
        kept = text.substring(0, start);
      }
    }
    return kept;
  }

  /** Goes on at a place, counting the lines up to it, from where the last text began. */
  private void moveTo(int end, int begin) {
    for (int i = at; i < end; i++) {
      line += source.charAt(i) == '\n' ? 1 : 0;
    }
    lineStarting = end > begin && source.charAt(end - 1) == '\n';
    at = end;
  }

  private int skipSpace(int from) {
    int end = from;
    while (end < source.length() && CodePoints.isSpace(source.charAt(end))) {
      end++;
    }
    return end;
  }

  private int skipLineEnd(int from) {
    return trimming && source.startsWith("\n", from) ? from + 1 : from;
  }

  /** Where {@code {% raw %}} ends, or -1 where it is another block. */
  private int rawEnd(int begin) {
    int i = begin + 2;
    if (i < source.length() && (source.charAt(i) == '-' || source.charAt(i) == '+')) {
      i++;
    }
    i = skipSpace(i);
    if (!source.startsWith("raw", i)) {
      return -1;
    }
    i = skipSpace(i + 3);
    if (source.startsWith("-%}", i)) {
      return skipSpace(i + 3);
    }
    return source.startsWith("%}", i) ? i + 2 : -1;
  }

  private void raw() {
    if (at >= source.length()) {
      return;
    }
    for (int i = source.indexOf("{%", at); i >= 0; i = source.indexOf("{%", i + 1)) {
      int end = i + 2;
      char sign = end < source.length() ? source.charAt(end) : ' ';
      boolean signed = sign == '-' || sign == '+';
      end = skipSpace(signed ? end + 1 : end);
      if (!source.startsWith("endraw", end)) {
        continue;
      }
      end = skipSpace(end + 6);
      int after = blockEnd(end);
      if (after >= 0) {
        data(stripped(source.substring(at, i), signed ? sign : ' ', false));
        moveTo(after, i);
        return;
      }
    }
    throw failure("Missing end of raw directive");
  }

  /** Behind the end of a block that stands here, or -1. */
  private int blockEnd(int from) {
    if (source.startsWith("+%}", from)) {
      return from + 3;
    }
    if (source.startsWith("-%}", from)) {
      return skipSpace(from + 3);
    }
    return source.startsWith("%}", from) ? skipLineEnd(from + 2) : -1;
  }

  private int variableEnd(int from) {
    if (source.startsWith("-}}", from)) {
      return skipSpace(from + 3);
    }
    return source.startsWith("}}", from) ? from + 2 : -1;
  }

  private void comment() {
    if (at >= source.length()) {
      return;
    }
    int end = source.indexOf("#}", at);
    if (end < 0) {
      throw failure("Missing end of comment tag");
    }
    char sign = end > at ? source.charAt(end - 1) : ' ';
    int after =
        switch (sign) {
          case '-' -> skipSpace(end + 2);
          case '+' -> end + 2;
          default -> skipLineEnd(end + 2);
        };
    moveTo(after, at);
  }

  private void code(String begin, String endType) {
    add(begin, "");
    Deque<Character> open = new ArrayDeque<>();
    while (true) {
      int end = !open.isEmpty() ? -1 : endType.equals("block_end") ? blockEnd(at) : variableEnd(at);
      if (end >= 0) {
        add(endType, "");
        moveTo(end, at);
        return;
      }
      if (at >= source.length()) {
        return;
      }
      int c = source.codePointAt(at);
      if (CodePoints.isSpace(c)) {
        moveTo(skipSpace(at), at);
      } else if (c >= '0' && c <= '9') {
        number();
      } else if (StringMethods.isNamePart(c)) {
        name();
      } else if (c == '\'' || c == '"') {
        string((char) c);
      } else {
        operator(open);
      }
    }
  }

  private void name() {
    int end = at;
    while (end < source.length() && StringMethods.isNamePart(source.codePointAt(end))) {
      end += Character.charCount(source.codePointAt(end));
    }
    String name = source.substring(at, end);
    if (!StringMethods.isNameStart(name.codePointAt(0))) {
      throw failure("Invalid character in identifier");
    }
    add("name", name);
    at = end;
  }

  /** Digits from a place on, single underscores between them. */
  private int digits(int from, String allowed) {
    int end = from;
    while (end < source.length()) {
      char c = Character.toLowerCase(source.charAt(end));
      boolean underscore =
          c == '_'
              && end > from
              && end + 1 < source.length()
              && allowed.indexOf(Character.toLowerCase(source.charAt(end + 1))) >= 0;
      if (allowed.indexOf(c) < 0 && !underscore) {
        break;
      }
      end++;
    }
    return end;
  }

  private void number() {
    String decimal = "0123456789";
    int end = digits(at, decimal);
    int fraction = source.startsWith(".", end) ? digits(end + 1, decimal) : end;
    boolean hasFraction = fraction > end + 1;
    int mantissa = hasFraction ? fraction : end;
    int exponent = mantissa;
    if (exponent < source.length() && "eE".indexOf(source.charAt(exponent)) >= 0) {
      int digits = exponent + 1;
      if (digits < source.length() && "+-".indexOf(source.charAt(digits)) >= 0) {
        digits++;
      }
      int stop = digits(digits, decimal);
      exponent = stop > digits ? stop : mantissa;
    }
    boolean afterDot = at > 0 && source.charAt(at - 1) == '.';
    if ((hasFraction || exponent > mantissa) && !afterDot) {
      take("float", exponent);
      return;
    }
    if (source.charAt(at) == '0') {
      char base = at + 1 < source.length() ? Character.toLowerCase(source.charAt(at + 1)) : ' ';
      String allowed =
          switch (base) {
            case 'x' -> "0123456789abcdef";
            case 'o' -> "01234567";
            case 'b' -> "01";
            default -> "";
          };
      int stop = allowed.isEmpty() ? at : digits(at + 2, allowed);
      take("integer", stop > at + 2 ? stop : digits(at, "0"));
      return;
    }
    take("integer", end);
  }

  private void take(String type, int end) {
    add(type, source.substring(at, end).replace("_", ""));
    at = end;
  }

  private void string(char quote) {
    int end = at + 1;
    while (end < source.length() && source.charAt(end) != quote) {
      end += source.charAt(end) == '\\' ? 2 : 1;
    }
    if (end >= source.length()) {
      throw unexpected();
    }
    add("string", StringEscapes.decoded(source.substring(at + 1, end), line));
    moveTo(end + 1, at);
  }

  private TemplateException unexpected() {
    int position = source.codePointCount(0, at);
    String character = Character.toString(source.codePointAt(at));
    return failure("unexpected char %s at %d".formatted(Printed.quoted(character), position));
  }

  private void operator(Deque<Character> open) {
    String operator =
        OPERATORS.stream().filter(o -> source.startsWith(o, at)).findFirst().orElse("");
    switch (operator) {
      case "" -> throw unexpected();
      case "{" -> open.push('}');
      case "(" -> open.push(')');
      case "[" -> open.push(']');
      case "}", ")", "]" -> {
        if (open.isEmpty()) {
          throw failure("unexpected '" + operator + "'");
        }
        char expected = open.pop();
        if (expected != operator.charAt(0)) {
          throw failure("unexpected '%s', expected '%s'".formatted(operator, expected));
        }
      }
      default -> {}
    }
    add(operator, operator);
    at += operator.length();
  }
}
