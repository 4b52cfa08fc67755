package dev.slipway.tokenizer.jinja;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Python's {@code ==}, {@code <}, hashing and {@code in}. */
final class Equality {
  private static final int LARGEST_KEY = 100_000;
  private static final int SHORT_LIST = 64;
  private final Meter meter;

  Equality(Meter meter) {
    this.meter = meter;
  }

  /** An object that is equal where the values are, as keys of a dict. */
  static Object hashKey(Value value) {
    return hashKey(value, new int[1]);
  }

  private static Object hashKey(Value value, int[] visited) {
    if (++visited[0] > LARGEST_KEY) {
      throw new TemplateException(TemplateException.LIMIT, "a key is larger than " + LARGEST_KEY);
    }
    return switch (value) {
      case Value.Text text -> text.text();
      case Value.Bool bool -> Value.of(bool.isTrue() ? 1 : 0);
      case Value.Int number -> number;
      case Value.Real number -> {
        double real = number.value();
        yield Double.isFinite(real) && real == Math.rint(real)
            ? new Value.Int(new BigDecimal(real).toBigInteger())
            : number;
      }
      case Value.None none -> none;
      case Value.Undefined _ -> Value.Undefined.class;
      case Value.Tuple tuple -> {
        List<Object> keys = new ArrayList<>();
        tuple.items().forEach(item -> keys.add(hashKey(item, visited)));
        yield keys;
      }
      case Value.Sequence _, Value.Dict _ ->
          throw TemplateException.type("unhashable type: " + Printed.quoted(value.typeName()));
      case Value.View view when !view.name().equals("values") ->
          throw TemplateException.type("unhashable type: " + Printed.quoted(value.typeName()));
      case Value.Range _, Value.View _ -> value;
      case Value.Stream stream -> stream;
      case Value.Instance instance -> instance;
    };
  }

  boolean equal(Value a, Value b) {
    meter.step();
    if (a == b) {
      return !Numbers.isNan(a);
    }
    Value left = Numbers.number(a);
    Value right = Numbers.number(b);
    if (left != null && right != null) {
      return !Numbers.isNan(left) && !Numbers.isNan(right) && Numbers.compare(left, right) == 0;
    }
    return switch (a) {
      case Value.Text x -> b instanceof Value.Text y && x.text().equals(y.text());
      case Value.Sequence x -> b instanceof Value.Sequence y && equal(x.items(), y.items());
      case Value.Tuple x -> b instanceof Value.Tuple y && equal(x.items(), y.items());
      case Value.Dict x -> b instanceof Value.Dict y && equal(x, y);
      case Value.Undefined _ -> b instanceof Value.Undefined;
      case Value.Range x ->
          b instanceof Value.Range y
              && x.size() == y.size()
              && (x.size() == 0
                  || (x.start() == y.start() && (x.size() == 1 || x.step() == y.step())));
      case Value.View x ->
          b instanceof Value.View y
              && !x.name().equals("values")
              && !y.name().equals("values")
              && x.dict().size() == y.dict().size()
              && x.items().stream()
                  .allMatch(item -> y.items().stream().anyMatch(o -> equal(item, o)));
      default -> false;
    };
  }

  boolean equal(List<Value> a, List<Value> b) {
    if (a.size() != b.size()) {
      return false;
    }
    for (int i = 0; i < a.size(); i++) {
      if (a.get(i) != b.get(i) && !equal(a.get(i), b.get(i))) {
        return false;
      }
    }
    return true;
  }

  private boolean equal(Value.Dict a, Value.Dict b) {
    if (a.size() != b.size()) {
      return false;
    }
    for (Value.Dict.Entry entry : a.entries()) {
      Value other = b.get(entry.key());
      if (other == null || (other != entry.value() && !equal(entry.value(), other))) {
        return false;
      }
    }
    return true;
  }

  /** {@code a operator b} for one of {@code < <= > >=}. */
  boolean ordered(String operator, Value a, Value b) {
    failIfUndefined(a, b);
    if (Numbers.isNan(a) || Numbers.isNan(b)) {
      if (Numbers.number(a) != null && Numbers.number(b) != null) {
        return false;
      }
    }
    Integer order = order(a, b);
    if (order == null) {
      throw TemplateException.type(
          "%s not supported between instances of %s and %s"
              .formatted(
                  Printed.quoted(operator),
                  Printed.quoted(a.typeName()),
                  Printed.quoted(b.typeName())));
    }
    return switch (operator) {
      case "<" -> order < 0;
      case "<=" -> order <= 0;
      case ">" -> order > 0;
      case ">=" -> order >= 0;
      default -> throw new IllegalArgumentException(operator);
    };
  }

  static void failIfUndefined(Value... values) {
    for (Value value : values) {
      if (value instanceof Value.Undefined undefined) {
        throw undefined.failure();
      }
    }
  }

  private @Nullable Integer order(Value a, Value b) {
    meter.step();
    Value left = Numbers.number(a);
    Value right = Numbers.number(b);
    if (left != null && right != null) {
      return Numbers.compare(left, right);
    }
    return switch (a) {
      case Value.Text x when b instanceof Value.Text y -> compareTexts(x.text(), y.text());
      case Value.Sequence x when b instanceof Value.Sequence y -> order(x.items(), y.items());
      case Value.Tuple x when b instanceof Value.Tuple y -> order(x.items(), y.items());
      default -> null;
    };
  }

  private int order(List<Value> a, List<Value> b) {
    for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
      if (!equal(a.get(i), b.get(i))) {
        return ordered("<", a.get(i), b.get(i)) ? -1 : 1;
      }
    }
    return Integer.compare(a.size(), b.size());
  }

  /** By code points, not by UTF-16 units. */
  static int compareTexts(String a, String b) {
    int length = Math.min(a.length(), b.length());
    for (int i = 0; i < length; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        boolean bothSame = Character.isSurrogate(x) == Character.isSurrogate(y);
        return bothSame ? Character.compare(x, y) : Character.isSurrogate(x) ? 1 : -1;
      }
    }
    return Integer.compare(a.length(), b.length());
  }

  /** Sorts as Python does, stable, by {@code <} alone, whatever {@code <} says of its values. */
  List<Keyed> sorted(List<Keyed> items, boolean reverse) {
    List<Keyed> sorted = insertedOrMerged(reverse ? items.reversed() : items);
    return reverse ? sorted.reversed() : sorted;
  }

  private boolean less(Keyed a, Keyed b) {
    return ordered("<", a.key(), b.key());
  }

  private List<Keyed> insertedOrMerged(List<Keyed> items) {
    meter.size(items.size());
    if (items.size() < SHORT_LIST) {
      return inserted(items);
    }
    int middle = items.size() / 2;
    List<Keyed> left = insertedOrMerged(items.subList(0, middle));
    List<Keyed> right = insertedOrMerged(items.subList(middle, items.size()));
    List<Keyed> merged = new ArrayList<>(items.size());
    int i = 0;
    int j = 0;
    while (i < left.size() && j < right.size()) {
      merged.add(less(right.get(j), left.get(i)) ? right.get(j++) : left.get(i++));
    }
    merged.addAll(left.subList(i, left.size()));
    merged.addAll(right.subList(j, right.size()));
    return merged;
  }

  /** In CPython's order of comparisons, so that the first one that fails is the same. */
  private List<Keyed> inserted(List<Keyed> items) {
    if (items.size() < 2) {
      return items;
    }
    int run = 1;
    boolean descending = less(items.get(1), items.get(0));
    do {
      run++;
    } while (run < items.size() && less(items.get(run), items.get(run - 1)) == descending);
    List<Keyed> sorted = new ArrayList<>(items.subList(0, run));
    if (descending) {
      Collections.reverse(sorted);
    }
    for (Keyed item : items.subList(run, items.size())) {
      int low = 0;
      int high = sorted.size();
      while (low < high) {
        int middle = (low + high) / 2;
        if (less(item, sorted.get(middle))) {
          high = middle;
        } else {
          low = middle + 1;
        }
      }
      sorted.add(low, item);
    }
    return sorted;
  }

  /** A value and what it is sorted by. */
  record Keyed(Value key, Value value) {}

  /** {@code item in holder}. */
  boolean contains(Value holder, Value item) {
    meter.step();
    return switch (holder) {
      case Value.Text text -> {
        if (!(item instanceof Value.Text part)) {
          throw TemplateException.type(
              "'in <string>' requires string as left operand, not " + item.typeName());
        }
        meter.size(text.text().length());
        yield text.text().contains(part.text());
      }
      case Value.Dict dict -> dict.get(item) != null;
      case Value.View view when view.name().equals("keys") -> view.dict().get(item) != null;
      case Value.View view -> any(view.items(), item);
      case Value.Sequence list -> any(list.items(), item);
      case Value.Tuple tuple -> any(tuple.items(), item);
      case Value.Undefined _ -> false;
      case Value.Range range -> {
        for (long i = 0; i < range.size(); i++) {
          if (equal(range.at(i), item)) {
            yield true;
          }
        }
        yield false;
      }
      case Value.Stream stream -> {
        while (stream.items().hasNext()) {
          if (equal(stream.items().next(), item)) {
            yield true;
          }
        }
        yield false;
      }
      default ->
          throw TemplateException.type(
              "argument of type " + Printed.quoted(holder.typeName()) + " is not iterable");
    };
  }

  private boolean any(List<Value> items, Value item) {
    for (Value each : items) {
      if (each == item || equal(each, item)) {
        return true;
      }
    }
    return false;
  }
}
