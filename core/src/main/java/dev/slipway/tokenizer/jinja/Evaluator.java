package dev.slipway.tokenizer.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** The values of expressions. */
final class Evaluator {
  private final Rendering rendering;
  private final Map<String, Value> globals;

  Evaluator(Rendering rendering, Map<String, Value> globals) {
    this.rendering = rendering;
    this.globals = globals;
  }

  Value value(Expression expression, Scope scope) {
    rendering.meter().step();
    return switch (expression) {
      case Expression.Constant constant -> constant.value();
      case Expression.Name name -> variable(name.name(), scope);
      case Expression.ListOf list -> new Value.Sequence(values(list.items(), scope));
      case Expression.TupleOf tuple -> new Value.Tuple(values(tuple.items(), scope));
      case Expression.DictOf dict -> {
        Value.Dict made = new Value.Dict();
        for (Expression.Pair pair : dict.pairs()) {
          Value key = value(pair.key(), scope);
          made.put(key, value(pair.value(), scope));
        }
        yield made;
      }
      case Expression.Conditional conditional -> conditional(conditional, scope);
      case Expression.And and -> {
        Value left = value(and.left(), scope);
        yield Operators.isTrue(left) ? value(and.right(), scope) : left;
      }
      case Expression.Or or -> {
        Value left = value(or.left(), scope);
        yield Operators.isTrue(left) ? left : value(or.right(), scope);
      }
      case Expression.Not not -> Value.of(!Operators.isTrue(value(not.operand(), scope)));
      case Expression.Comparison comparison -> comparison(comparison, scope);
      case Expression.Binary binary -> {
        Value left = value(binary.left(), scope);
        Value right = value(binary.right(), scope);
        yield rendering.operators().binary(binary.operator(), left, right, rendering);
      }
      case Expression.Unary unary ->
          rendering.operators().unary(unary.operator(), value(unary.operand(), scope));
      case Expression.Concatenation concatenation -> concatenated(concatenation, scope);
      case Expression.Attribute attribute ->
          rendering.attributes().attribute(value(attribute.of(), scope), attribute.name());
      case Expression.Item item -> {
        Value of = value(item.of(), scope);
        yield rendering.attributes().item(of, value(item.key(), scope));
      }
      case Expression.Slice slice -> {
        Value of = value(slice.of(), scope);
        Value start = value(slice.start(), scope);
        Value stop = value(slice.stop(), scope);
        yield rendering.operators().slice(of, start, stop, value(slice.step(), scope));
      }
      case Expression.Call call -> {
        Value callee = value(call.of(), scope);
        yield rendering.call(callee, arguments(call.arguments(), scope));
      }
      case Expression.Filter filter -> {
        if (filter.of() == null) {
          throw new IllegalStateException("a filter of a block has no value of its own");
        }
        yield filtered(filter, value(filter.of(), scope), scope);
      }
      case Expression.Test test -> {
        Value subject = value(test.of(), scope);
        Arguments arguments = arguments(test.arguments(), scope);
        if (!Tests.NAMES.contains(test.name())) {
          throw TemplateException.runtime(
              "No test named %s found.".formatted(Printed.quoted(test.name())));
        }
        yield Value.of(Tests.holds(test.name(), subject, arguments, rendering));
      }
    };
  }

  Value variable(String name, Scope scope) {
    Value value = scope.get(name);
    if (value == null) {
      value = globals.get(name);
    }
    return value == null ? Value.Undefined.variable(name) : value;
  }

  private List<Value> values(List<Expression> expressions, Scope scope) {
    List<Value> values = new ArrayList<>(expressions.size());
    for (Expression expression : expressions) {
      values.add(value(expression, scope));
    }
    return values;
  }

  private Value conditional(Expression.Conditional conditional, Scope scope) {
    if (Operators.isTrue(value(conditional.test(), scope))) {
      return value(conditional.then(), scope);
    }
    Expression otherwise = conditional.otherwise();
    return otherwise == null
        ? Value.Undefined.hinted(
            "the inline if-expression on line "
                + conditional.line()
                + " evaluated to false and no else section was defined.")
        : value(otherwise, scope);
  }

  private Value comparison(Expression.Comparison comparison, Scope scope) {
    Value left = value(comparison.first(), scope);
    boolean holds = true;
    for (Expression.Operand operand : comparison.operands()) {
      Value right = value(operand.value(), scope);
      Equality equality = rendering.equality();
      holds =
          switch (operand.operator()) {
            case "==" -> equality.equal(left, right);
            case "!=" -> !equality.equal(left, right);
            case "in" -> equality.contains(right, left);
            case "not in" -> !equality.contains(right, left);
            default -> equality.ordered(operand.operator(), left, right);
          };
      if (!holds) {
        break;
      }
      left = right;
    }
    return Value.of(holds);
  }

  private Value concatenated(Expression.Concatenation concatenation, Scope scope) {
    StringBuilder out = new StringBuilder();
    List<Value> values = values(concatenation.parts(), scope);
    for (Value value : values) {
      String text = Printed.str(value);
      out.append(text);
      rendering.meter().grown(out.length(), text.length());
    }
    return Value.of(out.toString());
  }

  private Arguments arguments(Expression.CallArguments arguments, Scope scope) {
    if (arguments.equals(Expression.CallArguments.NONE)) {
      return Arguments.NONE;
    }
    List<Value> positional = new ArrayList<>(values(arguments.positional(), scope));
    SequencedMap<String, Value> named = new LinkedHashMap<>();
    for (Expression.Keyword keyword : arguments.named()) {
      named.put(keyword.name(), value(keyword.value(), scope));
    }
    if (arguments.star() != null) {
      Value star = value(arguments.star(), scope);
      if (!rendering.operators().isIterable(star)) {
        throw TemplateException.type("Value after * must be an iterable, not " + star.typeName());
      }
      positional.addAll(rendering.operators().list(star));
    }
    if (arguments.doubleStar() != null) {
      Value mapping = value(arguments.doubleStar(), scope);
      Equality.failIfUndefined(mapping);
      if (!(mapping instanceof Value.Dict dict)) {
        throw TemplateException.type(
            "jinja2.sandbox.SandboxedEnvironment.call() argument after ** must be a mapping, not "
                + mapping.typeName());
      }
      for (Value.Dict.Entry entry : dict.entries()) {
        if (!(entry.key() instanceof Value.Text key)) {
          throw TemplateException.type("keywords must be strings");
        }
        if (named.put(key.text(), entry.value()) != null) {
          throw TemplateException.type(
              "got multiple values for keyword argument " + Printed.quoted(key.text()));
        }
      }
    }
    return new Arguments(positional, named);
  }

  private Value filtered(Expression.Filter filter, Value subject, Scope scope) {
    Arguments arguments = arguments(filter.arguments(), scope);
    if (!Filters.NAMES.contains(filter.name())) {
      throw TemplateException.runtime(
          "No filter named %s found.".formatted(Printed.quoted(filter.name())));
    }
    return Filters.apply(filter.name(), subject, arguments, rendering);
  }

  /** A chain of filters whose first one is given what stands in a block. */
  Value filteredBlock(Expression filter, String text, Scope scope) {
    if (!(filter instanceof Expression.Filter link)) {
      throw new IllegalArgumentException("no chain of filters");
    }
    Value subject = link.of() == null ? Value.of(text) : filteredBlock(link.of(), text, scope);
    return filtered(link, subject, scope);
  }

  /** A call with one argument more. */
  Value callWith(Expression.Call call, String name, Value extra, Scope scope) {
    Value callee = value(call.of(), scope);
    Arguments given = arguments(call.arguments(), scope);
    SequencedMap<String, Value> named = new LinkedHashMap<>(given.named());
    named.put(name, extra);
    return rendering.call(callee, new Arguments(given.positional(), named));
  }
}
