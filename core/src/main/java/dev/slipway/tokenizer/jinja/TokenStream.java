package dev.slipway.tokenizer.jinja;

import java.util.List;

/** The tokens of a template, one after the other; behind the last there is {@code eof} forever. */
final class TokenStream {
  private static final int DEEPEST = 100;

  private final List<Token> tokens;
  private int at;
  private int depth;

  TokenStream(List<Token> tokens) {
    this.tokens = tokens;
  }

  Token current() {
    return tokens.get(Math.min(at, tokens.size() - 1));
  }

  /** The token behind the current one. */
  Token look() {
    return tokens.get(Math.min(at + 1, tokens.size() - 1));
  }

  /** The current token; then the one behind it is current. */
  Token next() {
    Token token = current();
    at++;
    return token;
  }

  boolean is(String description) {
    return current().is(description);
  }

  boolean isAny(List<String> descriptions) {
    return descriptions.stream().anyMatch(this::is);
  }

  boolean skipIf(String description) {
    boolean is = is(description);
    at += is ? 1 : 0;
    return is;
  }

  Token expect(String description) {
    if (is(description)) {
      return next();
    }
    String expected = Printed.quoted(Token.described(description));
    if (is("eof")) {
      throw failure("unexpected end of template, expected " + expected + ".");
    }
    throw failure(
        "expected token %s, got %s".formatted(expected, Printed.quoted(current().described())));
  }

  TemplateException failure(String message) {
    return failure(message, current().line());
  }

  static TemplateException failure(String message, int line) {
    return new TemplateException("TemplateSyntaxError", message, line);
  }

  void enter() {
    if (++depth > DEEPEST) {
      throw new TemplateException(
          TemplateException.LIMIT,
          "the template nests more than %d expressions or blocks".formatted(DEEPEST),
          current().line());
    }
  }

  void leave() {
    depth--;
  }
}
