package dev.slipway.tokenizer.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Python's operators, truth, length, iteration and slices. */
final class Operators {
  private final Meter meter;

  Operators(Meter meter) {
    this.meter = meter;
  }

  static boolean isTrue(Value value) {
    return switch (value) {
      case Value.None _, Value.Undefined _ -> false;
      case Value.Bool bool -> bool.isTrue();
      case Value.Int number -> number.value().signum() != 0;
      case Value.Real number -> number.value() != 0;
      case Value.Text text -> !text.text().isEmpty();
      case Value.Sequence list -> !list.items().isEmpty();
      case Value.Tuple tuple -> !tuple.items().isEmpty();
      case Value.Dict dict -> dict.size() > 0;
      case Value.View view -> view.dict().size() > 0;
      case Value.Range range -> range.size() > 0;
      case Value.Stream _ -> true;
      case Value.Instance instance -> !(instance instanceof Loop loop) || loop.length() > 0;
    };
  }

  /** {@code len(value)}, or -1 where the value has none. */
  static long lengthOrNone(Value value) {
    return switch (value) {
      case Value.Undefined _ -> 0;
      case Value.Text text -> CodePoints.length(text.text());
      case Value.Sequence list -> list.items().size();
      case Value.Tuple tuple -> tuple.items().size();
      case Value.Dict dict -> dict.size();
      case Value.View view -> view.dict().size();
      case Value.Range range -> range.size();
      case Loop loop -> loop.length();
      default -> -1;
    };
  }

  long length(Value value) {
    meter.step();
    long length = lengthOrNone(value);
    if (length < 0) {
      throw TemplateException.type(
          "object of type %s has no len()".formatted(Printed.quoted(value.typeName())));
    }
    return length;
  }

  boolean isIterable(Value value) {
    return switch (value) {
      case Value.None _, Value.Bool _, Value.Int _, Value.Real _ -> false;
      case Value.Instance instance -> instance instanceof Loop;
      default -> true;
    };
  }

  /** {@code iter(value)}: each item is paid for when it is taken. */
  Iterator<Value> iterate(Value value) {
    Iterator<? extends Value> items =
        switch (value) {
          case Value.Undefined _ -> Collections.<Value>emptyIterator();
          case Value.Text text -> {
            meter.size(text.text().length());
            yield CodePoints.characters(text.text()).stream()
                .<Value>map(c -> new Value.Text(c, text.safe()))
                .iterator();
          }
          case Value.Sequence list -> list.items().iterator();
          case Value.Tuple tuple -> tuple.items().iterator();
          case Value.Dict dict -> dict.keys().iterator();
          case Value.View view -> view.items().iterator();
          case Value.Range range ->
              LongStream.range(0, range.size()).mapToObj(range::at).iterator();
          case Value.Stream stream -> stream.items();
          case Loop loop -> loop.asIterator();
          default ->
              throw TemplateException.type(
                  Printed.quoted(value.typeName()) + " object is not iterable");
        };
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return items.hasNext();
      }

      @Override
      public Value next() {
        meter.step();
        return items.next();
      }
    };
  }

  List<Value> list(Value value) {
    List<Value> items = new ArrayList<>();
    iterate(value).forEachRemaining(items::add);
    return items;
  }

  Value unary(String operator, Value value) {
    Equality.failIfUndefined(value);
    Value number = Numbers.number(value);
    if (number == null) {
      throw TemplateException.type(
          "bad operand type for unary %s: %s"
              .formatted(operator, Printed.quoted(value.typeName())));
    }
    if (operator.equals("+")) {
      return number;
    }
    return number instanceof Value.Int integer
        ? new Value.Int(integer.value().negate())
        : new Value.Real(-Numbers.real(number));
  }

  Value binary(String operator, Value a, Value b, Rendering rendering) {
    meter.step();
    if (operator.equals("%") && a instanceof Value.Text format) {
      return new Value.Text(PercentFormat.format(format.text(), b, rendering), format.safe());
    }
    Equality.failIfUndefined(a, b);
    Value number = Numbers.arithmetic(operator, a, b);
    if (number != null) {
      return number;
    }
    Value result =
        switch (operator) {
          case "+" -> add(a, b);
          case "*" -> multiply(a, b);
          default -> null;
        };
    if (result == null) {
      throw TemplateException.type(
          "unsupported operand type(s) for %s: %s and %s"
              .formatted(
                  operator.equals("**") ? "** or pow()" : operator,
                  Printed.quoted(a.typeName()),
                  Printed.quoted(b.typeName())));
    }
    return result;
  }

  private @Nullable Value add(Value a, Value b) {
    switch (a) {
      case Value.Text x when b instanceof Value.Text y -> {
        meter.size((long) x.text().length() + y.text().length());
        if (x.safe() == y.safe()) {
          return new Value.Text(x.text() + y.text(), x.safe());
        }
        return new Value.Text(Html.escaped(x) + Html.escaped(y), true);
      }
      case Value.Sequence x when b instanceof Value.Sequence y -> {
        return new Value.Sequence(joined(x.items(), y.items()));
      }
      case Value.Tuple x when b instanceof Value.Tuple y -> {
        return new Value.Tuple(joined(x.items(), y.items()));
      }
      case Value.Text _, Value.Sequence _, Value.Tuple _ -> {
        String type = a instanceof Value.Text ? "str" : a.typeName();
        throw TemplateException.type(
            "can only concatenate %s (not \"%s\") to %s".formatted(type, b.typeName(), type));
      }
      default -> {
        return null;
      }
    }
  }

  private List<Value> joined(List<Value> a, List<Value> b) {
    meter.size((long) a.size() + b.size());
    List<Value> items = new ArrayList<>(a);
    items.addAll(b);
    return items;
  }

  private @Nullable Value multiply(Value a, Value b) {
    boolean leftRepeats = repeats(a);
    if (!leftRepeats && !repeats(b)) {
      return null;
    }
    Value repeated = leftRepeats ? a : b;
    Value count = leftRepeats ? b : a;
    if (Numbers.integer(count) == null) {
      throw TemplateException.type(
          "can't multiply sequence by non-int of type " + Printed.quoted(count.typeName()));
    }
    int times = Math.max(0, Arguments.integer(count));
    switch (repeated) {
      case Value.Text text -> {
        meter.size((long) times * text.text().length());
        return new Value.Text(text.text().repeat(text.text().isEmpty() ? 0 : times), text.safe());
      }
      case Value.Sequence list -> {
        return new Value.Sequence(repeated(list.items(), times));
      }
      case Value.Tuple tuple -> {
        return new Value.Tuple(repeated(tuple.items(), times));
      }
      default -> throw new IllegalStateException();
    }
  }

  private static boolean repeats(Value value) {
    return value instanceof Value.Text
        || value instanceof Value.Sequence
        || value instanceof Value.Tuple;
  }

  private List<Value> repeated(List<Value> items, int times) {
    meter.size((long) times * items.size());
    List<Value> all = new ArrayList<>();
    for (int i = 0; i < (items.isEmpty() ? 0 : times); i++) {
      all.addAll(items);
    }
    return all;
  }

  /** {@code value[start:stop:step]}; a bound that is not written is none. */
  Value slice(Value value, Value start, Value stop, Value step) {
    meter.step();
    switch (value) {
      case Value.Text text -> {
        int length = CodePoints.length(text.text());
        int[] bounds = bounds(start, stop, step, length);
        meter.size(length);
        if (bounds[2] == 1) {
          return new Value.Text(CodePoints.slice(text.text(), bounds[0], bounds[1]), text.safe());
        }
        List<String> characters = CodePoints.characters(text.text());
        return new Value.Text(String.join("", picked(characters, bounds)), text.safe());
      }
      case Value.Sequence list -> {
        return new Value.Sequence(
            picked(list.items(), bounds(start, stop, step, list.items().size())));
      }
      case Value.Tuple tuple -> {
        return new Value.Tuple(
            picked(tuple.items(), bounds(start, stop, step, tuple.items().size())));
      }
      case Value.Range range -> {
        int[] bounds = bounds(start, stop, step, (int) range.size());
        return new Value.Range(
            range.start() + bounds[0] * range.step(),
            range.start() + bounds[1] * range.step(),
            bounds[2] * range.step());
      }
      case Value.Undefined undefined -> throw undefined.failure();
      case Value.Dict _ -> throw TemplateException.type("unhashable type: 'slice'");
      default ->
          throw TemplateException.type(
              Printed.quoted(value.typeName()) + " object is not subscriptable");
    }
  }

  private <T> List<T> picked(List<T> items, int[] bounds) {
    meter.size(items.size());
    List<T> picked = new ArrayList<>();
    long step = bounds[2];
    for (long i = bounds[0]; step > 0 ? i < bounds[1] : i > bounds[1]; i += step) {
      picked.add(items.get((int) i));
    }
    return picked;
  }

  private static int[] bounds(Value start, Value stop, Value step, int length) {
    int by = bound(step, 1);
    if (by == 0) {
      throw TemplateException.value("slice step cannot be zero");
    }
    int least = by > 0 ? 0 : -1;
    int most = by > 0 ? length : length - 1;
    int from =
        start == Value.None.NONE ? (by > 0 ? least : most) : clamp(start, length, least, most);
    int to = stop == Value.None.NONE ? (by > 0 ? most : least) : clamp(stop, length, least, most);
    return new int[] {from, to, by};
  }

  private static int clamp(Value bound, int length, int least, int most) {
    long value = bound(bound, 0);
    if (value < 0) {
      value += length;
    }
    return Math.clamp(value, least, Math.max(least, most));
  }

  private static int bound(Value value, int otherwise) {
    if (value == Value.None.NONE) {
      return otherwise;
    }
    if (Numbers.integer(value) == null) {
      throw TemplateException.type(
          "slice indices must be integers or None or have an __index__ method");
    }
    return Arguments.integer(value);
  }
}
