package dev.slipway.tokenizer.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Filters of lists, dicts and whatever else has items. */
final class CollectionFilters {
  private CollectionFilters() {}

  static Value apply(String name, Value value, Arguments arguments, Rendering rendering) {
    Operators operators = rendering.operators();
    return switch (name) {
      case "length", "count" -> {
        arguments.bind("len", 1, 0);
        yield Value.of(operators.length(value));
      }
      case "list" -> {
        arguments.bind("sync_do_list", 1, 0);
        yield new Value.Sequence(operators.list(value));
      }
      case "first" -> {
        arguments.bind("sync_do_first", 2, 0);
        Iterator<Value> items = operators.iterate(value);
        yield items.hasNext()
            ? items.next()
            : Value.Undefined.hinted("No first item, sequence was empty.");
      }
      case "last" -> {
        arguments.bind("do_last", 2, 0);
        List<Value> items = reversible(value, rendering);
        if (items == null) {
          throw TemplateException.type(
              Printed.quoted(value.typeName()) + " object is not reversible");
        }
        yield items.isEmpty()
            ? Value.Undefined.hinted("No last item, sequence was empty.")
            : items.getLast();
      }
      case "reverse" -> {
        arguments.bind("do_reverse", 1, 0);
        yield reverse(value, rendering);
      }
      case "join" -> join(value, arguments, rendering);
      case "items" -> {
        arguments.bind("do_items", 1, 0);
        yield items(value);
      }
      case "dictsort" -> dictSort(value, arguments, rendering);
      case "sort" -> {
        Arguments.Bound bound =
            arguments.bind("do_sort", 2, 0, "reverse", "case_sensitive", "attribute");
        Function<Value, Value> key = keys(bound.present(2), !bound.isTrue(1, false), rendering);
        yield new Value.Sequence(sorted(value, key, bound.isTrue(0, false), rendering));
      }
      case "unique" -> unique(value, arguments, rendering);
      case "min", "max" -> extreme(name, value, arguments, rendering);
      case "sum" -> sum(value, arguments, rendering);
      case "groupby" -> groupBy(value, arguments, rendering);
      case "batch" -> batch(value, arguments, rendering);
      case "slice" -> slice(value, arguments, rendering);
      case "map" -> map(value, arguments, rendering);
      default -> select(name, value, arguments, rendering);
    };
  }

  /** A generator: nothing of it happens before its first item is asked for. */
  private static Value stream(Supplier<Iterator<Value>> items) {
    return new Value.Stream(
        "generator",
        new Iterator<>() {
          private @Nullable Iterator<Value> begun;

          private Iterator<Value> begun() {
            if (begun == null) {
              begun = items.get();
            }
            return begun;
          }

          @Override
          public boolean hasNext() {
            return begun().hasNext();
          }

          @Override
          public Value next() {
            return begun().next();
          }
        });
  }

  /** Items for which a condition holds, tried one by one. */
  private static Iterator<Value> where(
      Iterator<Value> items, java.util.function.Predicate<Value> condition) {
    return new Iterator<>() {
      private @Nullable Value next;

      @Override
      public boolean hasNext() {
        while (next == null && items.hasNext()) {
          Value item = items.next();
          next = condition.test(item) ? item : null;
        }
        return next != null;
      }

      @Override
      public Value next() {
        if (!hasNext() || next == null) {
          throw new NoSuchElementException();
        }
        Value item = next;
        next = null;
        return item;
      }
    };
  }

  private static Iterator<Value> each(Iterator<Value> items, Function<Value, Value> function) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return items.hasNext();
      }

      @Override
      public Value next() {
        return function.apply(items.next());
      }
    };
  }

  static Value lowered(Value value) {
    return value instanceof Value.Text text
        ? new Value.Text(text.text().toLowerCase(Locale.ROOT), text.safe())
        : value;
  }

  /** Reads {@code a.b.0} of an item, part by part. */
  static Function<Value, Value> getter(
      @Nullable Value attribute,
      boolean ignoreCase,
      @Nullable Value otherwise,
      Rendering rendering) {
    List<Value> parts = new ArrayList<>();
    if (attribute instanceof Value.Text text) {
      for (String part : text.text().split("\\.", -1)) {
        boolean index =
            !part.isEmpty() && part.length() < 10 && part.chars().allMatch(Character::isDigit);
        parts.add(index ? Value.of(Long.parseLong(part)) : Value.of(part));
      }
    } else if (attribute != null) {
      parts.add(attribute);
    }
    return item -> {
      Value found = item;
      for (Value part : parts) {
        found = rendering.attributes().item(found, part);
        if (otherwise != null && found instanceof Value.Undefined) {
          found = otherwise;
        }
      }
      return ignoreCase ? lowered(found) : found;
    };
  }

  /** As {@link #getter}, for several attributes with commas between them. */
  private static Function<Value, Value> keys(
      @Nullable Value attribute, boolean ignoreCase, Rendering rendering) {
    if (attribute instanceof Value.Text text && text.text().contains(",")) {
      List<Function<Value, Value>> getters = new ArrayList<>();
      for (String part : text.text().split(",", -1)) {
        getters.add(getter(Value.of(part), ignoreCase, null, rendering));
      }
      return item ->
          new Value.Sequence(getters.stream().map(getter -> getter.apply(item)).toList());
    }
    Function<Value, Value> getter = getter(attribute, ignoreCase, null, rendering);
    return item -> Value.listOf(List.of(getter.apply(item)));
  }

  private static List<Value> sorted(
      Value value, Function<Value, Value> key, boolean reverse, Rendering rendering) {
    List<Equality.Keyed> keyed = new ArrayList<>();
    for (Value item : rendering.operators().list(value)) {
      keyed.add(new Equality.Keyed(key.apply(item), item));
    }
    return new ArrayList<>(
        rendering.equality().sorted(keyed, reverse).stream().map(Equality.Keyed::value).toList());
  }

  /** The items of what Python can go through backwards, else null. */
  private static @Nullable List<Value> reversible(Value value, Rendering rendering) {
    return switch (value) {
      case Value.Text _,
          Value.Sequence _,
          Value.Tuple _,
          Value.Dict _,
          Value.View _,
          Value.Range _,
          Value.Undefined _ ->
          rendering.operators().list(value);
      default -> null;
    };
  }

  private static Value reverse(Value value, Rendering rendering) {
    if (value instanceof Value.Text text) {
      rendering.meter().size(text.text().length());
      List<String> characters = CodePoints.characters(text.text());
      return new Value.Text(String.join("", characters.reversed()), text.safe());
    }
    List<Value> items = reversible(value, rendering);
    if (items != null) {
      String type = value instanceof Value.Sequence ? "list_reverseiterator" : "reversed";
      return new Value.Stream(type, items.reversed().iterator());
    }
    if (!rendering.operators().isIterable(value)) {
      throw TemplateException.filterArgument("argument must be iterable");
    }
    return new Value.Sequence(rendering.operators().list(value).reversed());
  }

  private static Value join(Value value, Arguments arguments, Rendering rendering) {
    Arguments.Bound bound = arguments.bind("sync_do_join", 2, 0, "d", "attribute");
    Value attribute = bound.present(1);
    Function<Value, Value> getter = getter(attribute, false, null, rendering);
    String separator = bound.text(0, "");
    StringBuilder out = new StringBuilder();
    Iterator<Value> items = rendering.operators().iterate(value);
    boolean first = true;
    while (items.hasNext()) {
      String text = Printed.str(getter.apply(items.next()));
      out.append(first ? "" : separator).append(text);
      rendering.meter().grown(out.length(), (long) text.length() + separator.length());
      first = false;
    }
    return Value.of(out.toString());
  }

  private static Value items(Value value) {
    return stream(
        () ->
            switch (value) {
              case Value.Undefined _ -> Collections.emptyIterator();
              case Value.Dict dict -> new Value.View("items", dict).items().iterator();
              default -> throw TemplateException.type("Can only get item pairs from a mapping.");
            });
  }

  private static Value dictSort(Value value, Arguments arguments, Rendering rendering) {
    Arguments.Bound bound = arguments.bind("do_dictsort", 1, 0, "case_sensitive", "by", "reverse");
    String by = bound.text(1, "key");
    if (!by.equals("key") && !by.equals("value")) {
      throw TemplateException.filterArgument("You can only sort by either \"key\" or \"value\"");
    }
    if (!(value instanceof Value.Dict dict)) {
      Equality.failIfUndefined(value);
      throw new TemplateException(
          "AttributeError",
          "%s object has no attribute 'items'".formatted(Printed.quoted(value.typeName())));
    }
    int position = by.equals("key") ? 0 : 1;
    boolean ignoreCase = !bound.isTrue(0, false);
    Function<Value, Value> key =
        pair -> {
          Value part = ((Value.Tuple) pair).items().get(position);
          return ignoreCase ? lowered(part) : part;
        };
    Value pairs = new Value.Sequence(new Value.View("items", dict).items());
    return new Value.Sequence(sorted(pairs, key, bound.isTrue(2, false), rendering));
  }

  private static Value unique(Value value, Arguments arguments, Rendering rendering) {
    Arguments.Bound bound = arguments.bind("sync_do_unique", 2, 0, "case_sensitive", "attribute");
    Function<Value, Value> getter =
        getter(bound.present(1), !bound.isTrue(0, false), null, rendering);
    Set<Object> seen = new HashSet<>();
    return stream(
        () ->
            where(
                rendering.operators().iterate(value),
                item -> seen.add(Equality.hashKey(getter.apply(item)))));
  }

  private static Value extreme(String name, Value value, Arguments arguments, Rendering rendering) {
    Arguments.Bound bound = arguments.bind("do_" + name, 2, 0, "case_sensitive", "attribute");
    Function<Value, Value> getter =
        getter(bound.present(1), !bound.isTrue(0, false), null, rendering);
    Value best = null;
    Value bestKey = null;
    Iterator<Value> items = rendering.operators().iterate(value);
    while (items.hasNext()) {
      Value item = items.next();
      Value key = getter.apply(item);
      if (bestKey == null
          || rendering.equality().ordered(name.equals("min") ? "<" : ">", key, bestKey)) {
        best = item;
        bestKey = key;
      }
    }
    return best == null ? Value.Undefined.hinted("No aggregated item, sequence was empty.") : best;
  }

  private static Value sum(Value value, Arguments arguments, Rendering rendering) {
    Arguments.Bound bound = arguments.bind("sync_do_sum", 2, 0, "attribute", "start");
    Function<Value, Value> getter = getter(bound.present(0), false, null, rendering);
    Value start = bound.given(1);
    if (start instanceof Value.Text) {
      throw TemplateException.type("sum() can't sum strings [use ''.join(seq) instead]");
    }
    Value total = start == null ? Value.of(0) : start;
    Iterator<Value> items = rendering.operators().iterate(value);
    while (items.hasNext()) {
      total = rendering.operators().binary("+", total, getter.apply(items.next()), rendering);
    }
    return total;
  }

  private static Value groupBy(Value value, Arguments arguments, Rendering rendering) {
    Arguments.Bound bound =
        arguments.bind("sync_do_groupby", 2, 1, "attribute", "default", "case_sensitive");
    boolean ignoreCase = !bound.isTrue(2, false);
    Value otherwise = bound.present(1);
    Function<Value, Value> key = getter(bound.present(0), ignoreCase, otherwise, rendering);
    Function<Value, Value> shown = getter(bound.present(0), false, otherwise, rendering);
    List<Value> groups = new ArrayList<>();
    List<Value> group = new ArrayList<>();
    Value last = null;
    for (Value item : sorted(value, key, false, rendering)) {
      Value its = key.apply(item);
      if (last != null && !rendering.equality().equal(last, its)) {
        groups.add(group(group, shown));
        group = new ArrayList<>();
      }
      group.add(item);
      last = its;
    }
    if (!group.isEmpty()) {
      groups.add(group(group, shown));
    }
    return new Value.Sequence(groups);
  }

  private static Value group(List<Value> items, Function<Value, Value> shown) {
    return new Value.Tuple(
        List.of(shown.apply(items.getFirst()), new Value.Sequence(items)),
        List.of("grouper", "list"));
  }

  private static Value batch(Value value, Arguments arguments, Rendering rendering) {
    Arguments.Bound bound = arguments.bind("do_batch", 1, 1, "linecount", "fill_with");
    int size = bound.integer(0, 0);
    Value fill = bound.present(1);
    rendering.meter().size(Math.max(0, size));
    return stream(
        () -> {
          List<Value> batches = new ArrayList<>();
          List<Value> batch = new ArrayList<>();
          for (Value item : rendering.operators().list(value)) {
            if (batch.size() == size) {
              batches.add(new Value.Sequence(batch));
              batch = new ArrayList<>();
            }
            batch.add(item);
          }
          if (!batch.isEmpty()) {
            while (fill != null && batch.size() < size) {
              batch.add(fill);
            }
            batches.add(new Value.Sequence(batch));
          }
          return batches.iterator();
        });
  }

  private static Value slice(Value value, Arguments arguments, Rendering rendering) {
    Arguments.Bound bound = arguments.bind("sync_do_slice", 1, 1, "slices", "fill_with");
    int slices = bound.integer(0, 0);
    Value fill = bound.present(1);
    return stream(
        () -> {
          List<Value> items = rendering.operators().list(value);
          if (slices == 0) {
            throw new TemplateException("ZeroDivisionError", "integer division or modulo by zero");
          }
          rendering.meter().size(Math.max(0, slices));
          List<Value> made = new ArrayList<>();
          int each = Math.floorDiv(items.size(), slices);
          int extra = Math.floorMod(items.size(), slices);
          int at = 0;
          for (int i = 0; i < slices; i++) {
            int size = each + (i < extra ? 1 : 0);
            List<Value> part = new ArrayList<>(items.subList(at, at + size));
            if (fill != null && i >= extra) {
              part.add(fill);
            }
            made.add(new Value.Sequence(part));
            at += size;
          }
          return made.iterator();
        });
  }

  private static Value map(Value value, Arguments arguments, Rendering rendering) {
    return stream(
        () -> {
          if (!Operators.isTrue(value)) {
            return Collections.emptyIterator();
          }
          return each(rendering.operators().iterate(value), mapping(arguments, rendering));
        });
  }

  private static Function<Value, Value> mapping(Arguments arguments, Rendering rendering) {
    Value attribute = arguments.named().get("attribute");
    if (arguments.positional().isEmpty() && attribute != null) {
      for (String name : arguments.named().keySet()) {
        if (!name.equals("attribute") && !name.equals("default")) {
          throw TemplateException.filterArgument(
              "Unexpected keyword argument " + Printed.quoted(name));
        }
      }
      Value otherwise = arguments.named().get("default");
      return getter(attribute, false, otherwise == Value.None.NONE ? null : otherwise, rendering);
    }
    if (arguments.positional().isEmpty()) {
      throw TemplateException.filterArgument("map requires a filter argument");
    }
    String name = called("filter", arguments.positional().getFirst(), Filters.NAMES);
    Arguments rest = arguments.without(1);
    return item -> Filters.apply(name, item, rest, rendering);
  }

  private static String called(String kind, Value name, Set<String> known) {
    if (name instanceof Value.Text text && known.contains(text.text())) {
      return text.text();
    }
    String message = "No %s named %s.".formatted(kind, Printed.repr(name));
    if (name instanceof Value.Undefined undefined) {
      message +=
          " (%s; did you forget to quote the callable name?)"
              .formatted(undefined.failure().getMessage());
    }
    throw TemplateException.runtime(message);
  }

  private static Value select(String name, Value value, Arguments arguments, Rendering rendering) {
    boolean wanted = name.startsWith("select");
    boolean ofAttribute = name.endsWith("attr");
    return stream(
        () -> {
          if (!Operators.isTrue(value)) {
            return Collections.emptyIterator();
          }
          Function<Value, Value> subject = Function.identity();
          Arguments rest = arguments;
          if (ofAttribute) {
            if (arguments.positional().isEmpty()) {
              throw TemplateException.filterArgument("Missing parameter for attribute name");
            }
            subject = getter(arguments.positional().getFirst(), false, null, rendering);
            rest = arguments.without(1);
          }
          Function<Value, Value> of = subject;
          if (rest.positional().isEmpty()) {
            return where(
                rendering.operators().iterate(value),
                item -> Operators.isTrue(of.apply(item)) == wanted);
          }
          String test = called("test", rest.positional().getFirst(), Tests.NAMES);
          Arguments more = rest.without(1);
          return where(
              rendering.operators().iterate(value),
              item -> Tests.holds(test, of.apply(item), more, rendering) == wanted);
        });
  }
}
