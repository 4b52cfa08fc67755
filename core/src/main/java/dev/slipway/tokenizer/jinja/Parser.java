package dev.slipway.tokenizer.jinja;

import dev.slipway.tokenizer.jinja.Statement.Branch;
import dev.slipway.tokenizer.jinja.Statement.Callee;
import dev.slipway.tokenizer.jinja.Statement.Target;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Statements: a template becomes a list of them. */
final class Parser {
  private static final Set<String> SPECIAL = Set.of("caller", "kwargs", "varargs");

  private final TokenStream stream;
  private final Names names = new Names();
  private final ExpressionParser expressions;
  private final Deque<String> tags = new ArrayDeque<>();
  private final Deque<List<String>> ends = new ArrayDeque<>();
  private final Set<String> blocks = new HashSet<>();
  private int loops; // that are open within the innermost macro

  private Parser(List<Token> tokens) {
    stream = new TokenStream(tokens);
    expressions = new ExpressionParser(stream, names);
  }

  static List<Statement> parse(String source, boolean trimming) {
    Parser parser = new Parser(Lexer.tokens(source, trimming));
    List<Statement> body = parser.body(List.of());
    parser.names.failIfUnknown();
    return body;
  }

  /**
   * Statements up to one of the ends, whose name then is current; to the end where there are none.
   */
  private List<Statement> body(List<String> end) {
    List<Statement> body = new ArrayList<>();
    if (!end.isEmpty()) {
      ends.push(end);
    }
    stream.enter();
    try {
      while (!stream.is("eof")) {
        Token token = stream.next();
        switch (token.type()) {
          case "data" -> body.add(new Statement.Data(token.text()));
          case "variable_begin" -> {
            body.add(new Statement.Print(expressions.tuple(true)));
            stream.expect("variable_end");
          }
          case "block_begin" -> {
            if (stream.isAny(end)) {
              return List.copyOf(body);
            }
            statement(body);
            stream.expect("block_end");
          }
          default -> throw new IllegalStateException("a template has no " + token.type() + " here");
        }
      }
    } finally {
      stream.leave();
      if (!end.isEmpty()) {
        ends.pop();
      }
    }
    return List.copyOf(body);
  }

  private List<Statement> statements(boolean dropEnd, String... end) {
    stream.skipIf(":");
    stream.expect("block_end");
    List<String> endList = List.of(end);
    List<Statement> body = body(endList);
    if (stream.is("eof")) {
      ends.push(endList);
      throw unfinished(null, stream.current().line());
    }
    if (dropEnd) {
      stream.next();
    }
    return body;
  }

  /** Statements in a scope of their own, where a filter has to be known again. */
  private List<Statement> scoped(boolean dropEnd, String... end) {
    boolean before = names.conditional(false);
    List<Statement> body = statements(dropEnd, end);
    names.conditional(before);
    return body;
  }

  private TemplateException unfinished(@Nullable String tag, int line) {
    Set<String> expected =
        ends.stream()
            .flatMap(List::stream)
            .map(Token::described)
            .collect(Collectors.toUnmodifiableSet());
    List<String> message = new ArrayList<>();
    message.add(
        tag == null
            ? "Unexpected end of template."
            : "Encountered unknown tag " + Printed.quoted(tag) + ".");
    if (!ends.isEmpty()) {
      String looking =
          ends.getFirst().stream()
              .map(Token::described)
              .map(Printed::quoted)
              .collect(Collectors.joining(" or "));
      message.add(
          tag != null && expected.contains(tag)
              ? "You probably made a nesting mistake. Jinja is expecting this tag, but currently looking for "
                  + looking
                  + "."
              : "Jinja was looking for the following tags: " + looking + ".");
    }
    if (!tags.isEmpty()) {
      message.add(
          "The innermost block that needs to be closed is "
              + Printed.quoted(tags.getFirst())
              + ".");
    }
    return TokenStream.failure(String.join(" ", message), line);
  }

  private void statement(List<Statement> body) {
    Token tag = stream.current();
    if (!tag.type().equals("name")) {
      throw TokenStream.failure("tag name expected", tag.line());
    }
    tags.push(tag.text());
    switch (tag.text()) {
      case "for" -> body.add(loop());
      case "if" -> body.add(condition());
      case "set" -> body.add(assignment());
      case "macro" -> body.add(macro());
      case "call" -> body.add(callBlock());
      case "filter" -> {
        stream.next();
        boolean before = names.conditional(false);
        Expression filter = expressions.filter(null);
        filter = moreFilters(filter);
        names.conditional(before);
        body.add(new Statement.FilterBlock(filter, scoped(true, "name:endfilter")));
      }
      case "with" -> body.add(with());
      case "print" -> {
        stream.next();
        boolean first = true;
        while (!stream.is("block_end")) {
          if (!first) {
            stream.expect(",");
          }
          body.add(new Statement.Print(expressions.expression()));
          first = false;
        }
      }
      case "generation" -> {
        stream.next();
        body.add(new Statement.Generation(inMacro(() -> scoped(true, "name:endgeneration"))));
      }
      case "block" -> body.add(block());
      case "autoescape" -> {
        int line = stream.next().line();
        if (!(expressions.expression() instanceof Expression.Constant off)
            || Operators.isTrue(off.value())) {
          throw TokenStream.failure("autoescape is not available in chat templates", line);
        }
        body.add(new Statement.Scope(scoped(true, "name:endautoescape")));
      }
      case "break", "continue" -> {
        stream.next();
        boolean isBreak = tag.text().equals("break");
        if (loops == 0) {
          throw new TemplateException(
              "SyntaxError",
              isBreak ? "'break' outside loop" : "'continue' not properly in loop",
              tag.line());
        }
        body.add(isBreak ? new Statement.Break() : new Statement.Continue());
      }
      case "include", "import", "extends", "from" -> {
        while (!stream.is("block_end") && !stream.is("eof")) {
          stream.next();
        }
        body.add(new Statement.Load());
      }
      default -> {
        tags.pop();
        throw unfinished(tag.text(), tag.line());
      }
    }
    tags.pop();
  }

  private Expression moreFilters(Expression first) {
    Expression filter = first;
    while (stream.skipIf("|")) {
      filter = expressions.filter(filter);
    }
    return filter;
  }

  private Statement loop() {
    int mark = names.mark();
    int line = stream.expect("name:for").line();
    Target target = target(false);
    stream.expect("name:in");
    Expression items = expressions.tuple(false);
    boolean before = names.conditional(false);
    Expression test = stream.skipIf("name:if") ? expressions.expression() : null;
    names.conditional(before);
    boolean recursive = stream.skipIf("name:recursive");
    loops++;
    List<Statement> body = scoped(false, "name:endfor", "name:else");
    loops--;
    List<Statement> otherwise =
        stream.next().text().equals("endfor") ? List.of() : scoped(true, "name:endfor");
    if (names.writtenSince(mark, "loop")) {
      throw new TemplateException(
          "TemplateAssertionError",
          "Can't assign to special loop variable in for-loop target",
          line);
    }
    return new Statement.For(target, items, test, recursive, body, otherwise);
  }

  private Statement condition() {
    stream.expect("name:if");
    boolean before = names.conditional(true);
    List<Branch> branches = new ArrayList<>();
    List<Statement> otherwise = List.of();
    while (true) {
      Expression test = expressions.tuple(false);
      branches.add(new Branch(test, statements(false, "name:elif", "name:else", "name:endif")));
      String end = stream.next().text();
      if (end.equals("elif")) {
        continue;
      }
      if (end.equals("else")) {
        otherwise = statements(true, "name:endif");
      }
      break;
    }
    names.conditional(before);
    return new Statement.If(List.copyOf(branches), otherwise);
  }

  private Statement assignment() {
    stream.next();
    Target target = target(true);
    if (stream.skipIf("=")) {
      return new Statement.Set(target, expressions.tuple(true));
    }
    boolean before = names.conditional(false);
    Expression filter = null;
    if (stream.skipIf("|")) {
      filter = moreFilters(expressions.filter(null));
    }
    names.conditional(before);
    return new Statement.SetBlock(target, filter, scoped(true, "name:endset"));
  }

  private Statement with() {
    stream.next();
    List<Target> targets = new ArrayList<>();
    List<Expression> values = new ArrayList<>();
    while (!stream.is("block_end")) {
      if (!targets.isEmpty()) {
        stream.expect(",");
      }
      targets.add(target(false));
      stream.expect("=");
      values.add(expressions.expression());
    }
    return new Statement.With(
        List.copyOf(targets), List.copyOf(values), scoped(true, "name:endwith"));
  }

  private Statement block() {
    int line = stream.next().line();
    String name = stream.expect("name").text();
    stream.skipIf("name:scoped");
    stream.skipIf("name:required");
    if (stream.is("-")) {
      throw stream.failure(
          "Block names in Jinja have to be valid Python identifiers and may not contain hyphens,"
              + " use an underscore instead.");
    }
    List<Statement> body = inMacro(() -> scoped(true, "name:endblock"));
    stream.skipIf("name:" + name);
    if (!blocks.add(name)) {
      throw new TemplateException(
          "TemplateAssertionError", "block %s defined twice".formatted(Printed.quoted(name)), line);
    }
    return new Statement.Scope(body);
  }

  /** What becomes a function of its own, out of which no loop can be left. */
  private List<Statement> inMacro(Supplier<List<Statement>> parse) {
    int outside = loops;
    loops = 0;
    List<Statement> body = parse.get();
    loops = outside;
    return body;
  }

  private Statement macro() {
    stream.next();
    Token name = stream.expect("name");
    names.written(name.text());
    List<String> parameters = new ArrayList<>();
    List<Expression> defaults = new ArrayList<>();
    signature(parameters, defaults);
    Callee callee = callee(parameters, defaults, name.line(), "name:endmacro");
    return new Statement.Macro(name.text(), callee);
  }

  private Statement callBlock() {
    int line = stream.next().line();
    List<String> parameters = new ArrayList<>();
    List<Expression> defaults = new ArrayList<>();
    if (stream.is("(")) {
      signature(parameters, defaults);
    }
    if (!(expressions.expression() instanceof Expression.Call call)) {
      throw TokenStream.failure("expected call", line);
    }
    return new Statement.CallBlock(callee(parameters, defaults, line, "name:endcall"), call);
  }

  private Callee callee(List<String> parameters, List<Expression> defaults, int line, String end) {
    int mark = names.mark();
    List<Statement> body = inMacro(() -> scoped(true, end));
    Set<String> read = names.readSince(mark, SPECIAL);
    int explicit = parameters.indexOf("caller");
    if (read.contains("caller")
        && explicit >= 0
        && explicit < parameters.size() - defaults.size()) {
      throw new TemplateException(
          "TemplateAssertionError",
          "When defining macros or call blocks the special \"caller\" argument must be omitted or"
              + " be given a default.",
          line);
    }
    return new Callee(
        List.copyOf(parameters),
        List.copyOf(defaults),
        body,
        read.contains("caller"),
        read.contains("kwargs") && !parameters.contains("kwargs"),
        read.contains("varargs") && !parameters.contains("varargs"));
  }

  private void signature(List<String> parameters, List<Expression> defaults) {
    boolean before = names.conditional(false);
    stream.expect("(");
    while (!stream.is(")")) {
      if (!parameters.isEmpty()) {
        stream.expect(",");
      }
      String name = stream.expect("name").text();
      if (stream.skipIf("=")) {
        defaults.add(expressions.expression());
      } else if (!defaults.isEmpty()) {
        throw stream.failure("non-default argument follows default argument");
      }
      parameters.add(name);
    }
    stream.expect(")");
    names.conditional(before);
  }

  /** One target, or several with commas between them. */
  private Target target(boolean withNamespace) {
    List<Target> items = new ArrayList<>();
    boolean isTuple = false;
    while (true) {
      if (!items.isEmpty()) {
        stream.expect(",");
      }
      if (stream.isAny(List.of("variable_end", "block_end", ")"))) {
        break;
      }
      items.add(oneTarget(withNamespace));
      if (!stream.is(",")) {
        break;
      }
      isTuple = true;
    }
    if (!isTuple && items.isEmpty()) {
      throw stream.failure(
          "Expected an expression, got " + Printed.quoted(stream.current().described()));
    }
    return isTuple ? new Statement.TupleTarget(List.copyOf(items)) : items.getFirst();
  }

  private Target oneTarget(boolean withNamespace) {
    Token token = stream.current();
    if (token.type().equals("(")) {
      stream.next();
      stream.enter();
      Target inside = target(false);
      stream.leave();
      stream.expect(")");
      return inside;
    }
    boolean constant =
        Set.of("true", "false", "True", "False", "none", "None").contains(token.text());
    if (token.type().equals("name") && !constant) {
      stream.next();
      if (withNamespace && stream.skipIf(".")) {
        names.read(token.text());
        return new Statement.NamespaceTarget(token.text(), stream.expect("name").text());
      }
      names.written(token.text());
      return new Statement.NameTarget(token.text());
    }
    String kind =
        switch (expressions.primary()) {
          case Expression.ListOf _ -> "list";
          case Expression.DictOf _ -> "dict";
          default -> "const";
        };
    throw TokenStream.failure("can't assign to " + Printed.quoted(kind), token.line());
  }
}
