package dev.slipway.tokenizer.jinja;

import java.util.Set;

/** What stands behind {@code is}. */
final class Tests {
  static final Set<String> NAMES =
      Set.of(
          "odd",
          "even",
          "divisibleby",
          "defined",
          "undefined",
          "filter",
          "test",
          "none",
          "boolean",
          "false",
          "true",
          "integer",
          "float",
          "lower",
          "upper",
          "string",
          "mapping",
          "number",
          "sequence",
          "iterable",
          "callable",
          "sameas",
          "escaped",
          "in",
          "==",
          "eq",
          "equalto",
          "!=",
          "ne",
          ">",
          "gt",
          "greaterthan",
          "ge",
          ">=",
          "<",
          "lt",
          "lessthan",
          "<=",
          "le");

  private Tests() {}

  static boolean holds(String name, Value value, Arguments arguments, Rendering rendering) {
    return switch (name) {
      case "divisibleby" -> {
        Value by = arguments.bind("test_divisibleby", 1, 1, "num").required(0);
        yield remainder(value, by, 0, rendering);
      }
      case "sameas" -> same(value, arguments.bind("test_sameas", 1, 1, "other").required(0));
      case "in" ->
          rendering.equality().contains(arguments.bind("test_in", 1, 1, "seq").required(0), value);
      case "==",
          "eq",
          "equalto",
          "!=",
          "ne",
          ">",
          "gt",
          "greaterthan",
          "ge",
          ">=",
          "<",
          "lt",
          "lessthan",
          "<=",
          "le" ->
          compared(name, value, arguments, rendering);
      default -> {
        arguments.bind("test_" + name, 1, 0);
        yield holds(name, value, rendering);
      }
    };
  }

  private static boolean holds(String name, Value value, Rendering rendering) {
    return switch (name) {
      case "odd" -> remainder(value, Value.of(2), 1, rendering);
      case "even" -> remainder(value, Value.of(2), 0, rendering);
      case "defined" -> !(value instanceof Value.Undefined);
      case "undefined" -> value instanceof Value.Undefined;
      case "filter" -> value instanceof Value.Text text && Filters.NAMES.contains(text.text());
      case "test" -> value instanceof Value.Text text && NAMES.contains(text.text());
      case "none" -> value == Value.None.NONE;
      case "boolean" -> value instanceof Value.Bool;
      case "false" -> value == Value.Bool.FALSE;
      case "true" -> value == Value.Bool.TRUE;
      case "integer" -> value instanceof Value.Int;
      case "float" -> value instanceof Value.Real;
      case "lower" -> StringMethods.is("islower", Printed.str(value), Arguments.NONE);
      case "upper" -> StringMethods.is("isupper", Printed.str(value), Arguments.NONE);
      case "string" -> value instanceof Value.Text;
      case "mapping" -> value instanceof Value.Dict;
      case "number" -> Numbers.number(value) != null;
      case "sequence" ->
          Operators.lengthOrNone(value) >= 0
              && !(value instanceof Value.View)
              && !(value instanceof Loop);
      case "iterable" -> rendering.operators().isIterable(value);
      case "callable" ->
          value instanceof Value.Undefined
              || (value instanceof Value.Instance instance && instance.callable());
      case "escaped" -> value instanceof Value.Text text && text.safe();
      default -> throw new IllegalArgumentException(name);
    };
  }

  private static boolean remainder(Value value, Value by, int rest, Rendering rendering) {
    Value remainder = rendering.operators().binary("%", value, by, rendering);
    return rendering.equality().equal(remainder, Value.of(rest));
  }

  private static boolean same(Value a, Value b) {
    if (a instanceof Value.Text x && b instanceof Value.Text y) {
      return x.equals(y);
    }
    if (a instanceof Value.Int x && b instanceof Value.Int y) {
      return x.equals(y) && x.value().bitLength() <= 8;
    }
    return a == b;
  }

  private static boolean compared(
      String name, Value value, Arguments arguments, Rendering rendering) {
    int given = arguments.positional().size() + arguments.named().size();
    if (given != 1 || !arguments.named().isEmpty()) {
      throw TemplateException.type("%s expected 2 arguments, got %d".formatted(name, given + 1));
    }
    Value other = arguments.positional().getFirst();
    Equality equality = rendering.equality();
    return switch (name) {
      case "==", "eq", "equalto" -> equality.equal(value, other);
      case "!=", "ne" -> !equality.equal(value, other);
      case ">", "gt", "greaterthan" -> equality.ordered(">", value, other);
      case ">=", "ge" -> equality.ordered(">=", value, other);
      case "<", "lt", "lessthan" -> equality.ordered("<", value, other);
      default -> equality.ordered("<=", value, other);
    };
  }
}
