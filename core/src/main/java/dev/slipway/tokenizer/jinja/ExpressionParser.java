package dev.slipway.tokenizer.jinja;

import dev.slipway.tokenizer.jinja.Expression.CallArguments;
import dev.slipway.tokenizer.jinja.Expression.Keyword;
import dev.slipway.tokenizer.jinja.Expression.Operand;
import dev.slipway.tokenizer.jinja.Expression.Pair;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Expressions, by descent through the levels of precedence, loosest first. */
final class ExpressionParser {
  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
  private static final Set<String> PRODUCTS = Set.of("*", "/", "//", "%");
  private static final List<String> BEGIN_AN_ARGUMENT =
      List.of("name", "string", "integer", "float", "(", "[", "{");
  private static final List<String> END_A_TEST = List.of("name:else", "name:or", "name:and");
  private static final Expression NONE = new Expression.Constant(Value.None.NONE);

  private final TokenStream stream;
  private final Names names;

  ExpressionParser(TokenStream stream, Names names) {
    this.stream = stream;
    this.names = names;
  }

  /** An expression, or several with commas between them, which are a tuple. */
  Expression tuple(boolean conditional) {
    return tuple(() -> conditional ? expression() : or(), false);
  }

  private Expression tuple(Supplier<Expression> item, boolean parentheses) {
    List<Expression> items = new ArrayList<>();
    boolean isTuple = false;
    while (true) {
      if (!items.isEmpty()) {
        stream.expect(",");
      }
      if (stream.isAny(List.of("variable_end", "block_end", ")"))) {
        break;
      }
      items.add(item.get());
      if (!stream.is(",")) {
        break;
      }
      isTuple = true;
    }
    if (!isTuple) {
      if (!items.isEmpty()) {
        return items.getFirst();
      }
      if (!parentheses) {
        throw stream.failure(
            "Expected an expression, got " + Printed.quoted(stream.current().described()));
      }
    }
    return new Expression.TupleOf(List.copyOf(items));
  }

  Expression expression() {
    stream.enter();
    try {
      int line = stream.current().line();
      int mark = names.unknownMark();
      Expression then = or();
      while (stream.skipIf("name:if")) {
        boolean before = names.conditional(true);
        Expression test = or();
        Expression otherwise = stream.skipIf("name:else") ? expression() : null;
        names.conditional(before);
        names.conditionalSince(mark);
        then = new Expression.Conditional(test, then, otherwise, line);
        line = stream.current().line();
      }
      return then;
    } finally {
      stream.leave();
    }
  }

  Expression or() {
    Expression left = and();
    while (stream.skipIf("name:or")) {
      left = new Expression.Or(left, and());
    }
    return left;
  }

  private Expression and() {
    Expression left = not();
    while (stream.skipIf("name:and")) {
      left = new Expression.And(left, not());
    }
    return left;
  }

  private Expression not() {
    if (!stream.skipIf("name:not")) {
      return comparison();
    }
    stream.enter();
    try {
      return new Expression.Not(not());
    } finally {
      stream.leave();
    }
  }

  private Expression comparison() {
    Expression first = sum();
    List<Operand> operands = new ArrayList<>();
    while (true) {
      if (COMPARISONS.contains(stream.current().type())) {
        String operator = stream.next().type();
        operands.add(new Operand(operator, sum()));
      } else if (stream.skipIf("name:in")) {
        operands.add(new Operand("in", sum()));
      } else if (stream.is("name:not") && stream.look().is("name:in")) {
        stream.next();
        stream.next();
        operands.add(new Operand("not in", sum()));
      } else {
        break;
      }
    }
    return operands.isEmpty() ? first : new Expression.Comparison(first, List.copyOf(operands));
  }

  private Expression sum() {
    Expression left = concatenation();
    while (stream.is("+") || stream.is("-")) {
      String operator = stream.next().type();
      left = new Expression.Binary(operator, left, concatenation());
    }
    return left;
  }

  private Expression concatenation() {
    List<Expression> parts = new ArrayList<>(List.of(product()));
    while (stream.skipIf("~")) {
      parts.add(product());
    }
    return parts.size() == 1 ? parts.getFirst() : new Expression.Concatenation(List.copyOf(parts));
  }

  private Expression product() {
    Expression left = power();
    while (PRODUCTS.contains(stream.current().type())) {
      String operator = stream.next().type();
      left = new Expression.Binary(operator, left, power());
    }
    return left;
  }

  private Expression power() {
    Expression left = unary(true);
    while (stream.skipIf("**")) {
      left = new Expression.Binary("**", left, unary(true));
    }
    return left;
  }

  private Expression unary(boolean withFilter) {
    stream.enter();
    try {
      Expression node;
      if (stream.is("-") || stream.is("+")) {
        String operator = stream.next().type();
        node = new Expression.Unary(operator, unary(false));
      } else {
        node = primary();
      }
      node = postfix(node);
      return withFilter ? filtersAndTests(node) : node;
    } finally {
      stream.leave();
    }
  }

  Expression primary() {
    Token token = stream.current();
    switch (token.type()) {
      case "name" -> {
        stream.next();
        return switch (token.text()) {
          case "true", "True" -> new Expression.Constant(Value.of(true));
          case "false", "False" -> new Expression.Constant(Value.of(false));
          case "none", "None" -> NONE;
          default -> {
            names.read(token.text());
            yield new Expression.Name(token.text());
          }
        };
      }
      case "string" -> {
        StringBuilder text = new StringBuilder();
        while (stream.is("string")) {
          text.append(stream.next().text());
        }
        return new Expression.Constant(Value.of(text.toString()));
      }
      case "integer" -> {
        return new Expression.Constant(integer(stream.next()));
      }
      case "float" -> {
        return new Expression.Constant(new Value.Real(Double.parseDouble(stream.next().text())));
      }
      case "(" -> {
        stream.next();
        Expression inside = tuple(this::expression, true);
        stream.expect(")");
        return inside;
      }
      case "[" -> {
        return new Expression.ListOf(items("[", "]", this::expression));
      }
      case "{" -> {
        return new Expression.DictOf(items("{", "}", this::pair));
      }
      default ->
          throw TokenStream.failure(
              "unexpected " + Printed.quoted(token.described()), token.line());
    }
  }

  private static Value integer(Token token) {
    String digits = token.text();
    BigInteger value = Numbers.parseInteger(digits, digits.matches("0+") ? 10 : 0);
    if (value == null) {
      throw TokenStream.failure("invalid integer " + Printed.quoted(digits), token.line());
    }
    return new Value.Int(value);
  }

  private <T> List<T> items(String open, String close, Supplier<T> item) {
    stream.expect(open);
    List<T> items = new ArrayList<>();
    while (!stream.is(close)) {
      if (!items.isEmpty()) {
        stream.expect(",");
      }
      if (stream.is(close)) {
        break;
      }
      items.add(item.get());
    }
    stream.expect(close);
    return List.copyOf(items);
  }

  private Pair pair() {
    Expression key = expression();
    stream.expect(":");
    return new Pair(key, expression());
  }

  Expression postfix(Expression start) {
    Expression node = start;
    while (true) {
      if (stream.is(".")) {
        stream.next();
        Token name = stream.next();
        node =
            switch (name.type()) {
              case "name" -> new Expression.Attribute(node, name.text());
              case "integer" -> new Expression.Item(node, new Expression.Constant(integer(name)));
              default -> throw TokenStream.failure("expected name or number", name.line());
            };
      } else if (stream.is("[")) {
        node = subscript(node);
      } else if (stream.is("(")) {
        node = new Expression.Call(node, callArguments());
      } else {
        return node;
      }
    }
  }

  private Expression filtersAndTests(Expression start) {
    Expression node = start;
    while (true) {
      if (stream.is("|")) {
        stream.next();
        node = filter(node);
      } else if (stream.is("name:is")) {
        node = test(node);
      } else if (stream.is("(")) {
        node = new Expression.Call(node, callArguments());
      } else {
        return node;
      }
    }
  }

  private Expression subscript(Expression of) {
    stream.expect("[");
    List<Expression> keys = new ArrayList<>();
    while (!stream.is("]")) {
      if (!keys.isEmpty()) {
        stream.expect(",");
      }
      keys.add(subscribed(of));
    }
    stream.expect("]");
    if (keys.size() == 1) {
      Expression key = keys.getFirst();
      return key instanceof Expression.Slice ? key : new Expression.Item(of, key);
    }
    if (keys.stream().anyMatch(Expression.Slice.class::isInstance)) {
      throw stream.failure("invalid syntax");
    }
    return new Expression.Item(of, new Expression.TupleOf(List.copyOf(keys)));
  }

  private Expression subscribed(Expression of) {
    Expression start = NONE;
    if (!stream.is(":")) {
      start = expression();
      if (!stream.is(":")) {
        return start;
      }
    }
    stream.expect(":");
    Expression stop = NONE;
    if (!stream.isAny(List.of(":", "]", ","))) {
      stop = expression();
    }
    Expression step = NONE;
    if (stream.skipIf(":") && !stream.isAny(List.of("]", ","))) {
      step = expression();
    }
    return new Expression.Slice(of, start, stop, step);
  }

  private CallArguments callArguments() {
    int line = stream.expect("(").line();
    List<Expression> positional = new ArrayList<>();
    List<Keyword> named = new ArrayList<>();
    Expression star = null;
    Expression doubleStar = null;
    boolean comma = false;
    while (!stream.is(")")) {
      if (comma) {
        stream.expect(",");
        if (stream.is(")")) {
          break;
        }
      }
      if (stream.is("*")) {
        ensure(star == null && doubleStar == null, line);
        stream.next();
        star = expression();
      } else if (stream.is("**")) {
        ensure(doubleStar == null, line);
        stream.next();
        doubleStar = expression();
      } else if (stream.is("name") && stream.look().is("=")) {
        ensure(doubleStar == null, line);
        String name = stream.next().text();
        stream.next();
        if (named.stream().anyMatch(keyword -> keyword.name().equals(name))) {
          throw new TemplateException("SyntaxError", "keyword argument repeated: " + name, line);
        }
        named.add(new Keyword(name, expression()));
      } else {
        ensure(star == null && doubleStar == null && named.isEmpty(), line);
        positional.add(expression());
      }
      comma = true;
    }
    stream.expect(")");
    return new CallArguments(List.copyOf(positional), List.copyOf(named), star, doubleStar);
  }

  private static void ensure(boolean holds, int line) {
    if (!holds) {
      throw TokenStream.failure("invalid syntax for function call expression", line);
    }
  }

  private String dottedName() {
    StringBuilder name = new StringBuilder(stream.expect("name").text());
    while (stream.skipIf(".")) {
      name.append('.').append(stream.expect("name").text());
    }
    return name.toString();
  }

  /** A filter behind its {@code |}. */
  Expression filter(@Nullable Expression of) {
    int line = stream.current().line();
    String name = dottedName();
    CallArguments arguments = stream.is("(") ? callArguments() : CallArguments.NONE;
    if (!Filters.NAMES.contains(name)) {
      names.unknown("filter", name, line);
    }
    return new Expression.Filter(of, name, arguments);
  }

  private Expression test(Expression of) {
    int line = stream.next().line();
    boolean negated = stream.skipIf("name:not");
    String name = dottedName();
    CallArguments arguments = CallArguments.NONE;
    if (stream.is("(")) {
      arguments = callArguments();
    } else if (stream.isAny(BEGIN_AN_ARGUMENT) && !stream.isAny(END_A_TEST)) {
      if (stream.is("name:is")) {
        throw stream.failure("You cannot chain multiple tests with is");
      }
      arguments = new CallArguments(List.of(postfix(primary())), List.of(), null, null);
    }
    if (!Tests.NAMES.contains(name)) {
      names.unknown("test", name, line);
    }
    Expression test = new Expression.Test(of, name, arguments);
    return negated ? new Expression.Not(test) : test;
  }
}
