package dev.slipway.tokenizer.jinja;

import java.math.BigInteger;
import java.util.List;

/** The methods of Python's lists, tuples, dicts and numbers that change nothing. */
final class CollectionMethods {
  private CollectionMethods() {}

  static Value call(String name, Value.Dict self, Arguments arguments, Rendering rendering) {
    return switch (name) {
      case "get" -> {
        Arguments.Bound bound = positional(name, arguments, 1, "key", "default");
        Value found = self.get(bound.required(0));
        Value otherwise = bound.given(1);
        yield found != null ? found : otherwise != null ? otherwise : Value.None.NONE;
      }
      case "keys", "values", "items" -> {
        none("dict." + name, arguments);
        yield new Value.View(name, self);
      }
      case "copy" -> {
        none("dict.copy", arguments);
        yield self;
      }
      default -> fromKeys(arguments, rendering);
    };
  }

  static Value fromKeys(Arguments arguments, Rendering rendering) {
    Arguments.Bound bound = positional("fromkeys", arguments, 1, "iterable", "value");
    Value value = bound.given(1);
    Value.Dict dict = new Value.Dict();
    for (Value key : rendering.operators().list(bound.required(0))) {
      dict.put(key, value == null ? Value.None.NONE : value);
    }
    return dict;
  }

  static Value call(
      String name, Value self, List<Value> items, Arguments arguments, Rendering rendering) {
    if (name.equals("copy")) {
      none("list.copy", arguments);
      return self;
    }
    if (name.equals("count")) {
      if (arguments.positional().size() != 1) {
        throw TemplateException.type(
            "%s.count() takes exactly one argument (%d given)"
                .formatted(self.typeName(), arguments.positional().size()));
      }
      Value sought = positional(name, arguments, 1, "value").required(0);
      long count = items.stream().filter(item -> rendering.equality().equal(item, sought)).count();
      return Value.of(count);
    }
    Arguments.Bound bound = positional(name, arguments, 1, "value", "start", "stop");
    Value sought = bound.required(0);
    int from = clamped(bound.integer(1, 0), items.size());
    int to = clamped(bound.integer(2, Integer.MAX_VALUE), items.size());
    for (int i = from; i < to; i++) {
      if (rendering.equality().equal(items.get(i), sought)) {
        return Value.of(i);
      }
    }
    throw TemplateException.value(
        switch (self) {
          case Value.Sequence _ -> Printed.repr(sought) + " is not in list";
          case Value.Tuple _ -> "tuple.index(x): x not in tuple";
          default -> Printed.repr(sought) + " is not in range";
        });
  }

  private static int clamped(int index, int size) {
    return Math.clamp(index < 0 ? (long) index + size : index, 0, size);
  }

  /** A number's. */
  static Value call(String name, Value self, Arguments arguments) {
    none(self.typeName() + "." + name, arguments);
    BigInteger integer = Numbers.integer(self);
    return switch (name) {
      case "bit_length" -> Value.of(integer == null ? 0 : integer.abs().bitLength());
      case "bit_count" -> Value.of(integer == null ? 0 : integer.abs().bitCount());
      case "is_integer" -> {
        double value = ((Value.Real) self).value();
        yield Value.of(Double.isFinite(value) && value == Math.rint(value));
      }
      default -> {
        Value number = Numbers.number(self);
        yield number == null ? self : number;
      }
    };
  }

  private static Arguments.Bound positional(
      String name, Arguments arguments, int required, String... names) {
    if (!arguments.named().isEmpty()) {
      throw TemplateException.type(name + "() takes no keyword arguments");
    }
    int given = arguments.positional().size();
    if (given < required) {
      throw TemplateException.type(
          "%s expected at least %d argument%s, got %d"
              .formatted(name, required, required == 1 ? "" : "s", given));
    }
    if (given > names.length) {
      throw TemplateException.type(
          "%s expected at most %d arguments, got %d".formatted(name, names.length, given));
    }
    return arguments.bind(name, 0, required, names);
  }

  private static void none(String name, Arguments arguments) {
    if (!arguments.named().isEmpty()) {
      throw TemplateException.type(name + "() takes no keyword arguments");
    }
    if (!arguments.positional().isEmpty()) {
      throw TemplateException.type(
          "%s() takes no arguments (%d given)".formatted(name, arguments.positional().size()));
    }
  }
}
