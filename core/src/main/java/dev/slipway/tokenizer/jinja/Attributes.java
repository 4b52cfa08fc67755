package dev.slipway.tokenizer.jinja;

import java.math.BigInteger;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code value.name} and {@code value[key]} as the sandbox gives them: what begins with an
 * underscore and what would change a list or a dict can't be reached.
 */
final class Attributes {
  private static final Set<String> OF_EVERYTHING =
      Set.of(
          "__class__",
          "__delattr__",
          "__dir__",
          "__doc__",
          "__eq__",
          "__format__",
          "__ge__",
          "__getattribute__",
          "__gt__",
          "__hash__",
          "__init__",
          "__init_subclass__",
          "__le__",
          "__lt__",
          "__ne__",
          "__new__",
          "__reduce__",
          "__reduce_ex__",
          "__repr__",
          "__setattr__",
          "__sizeof__",
          "__str__",
          "__subclasshook__");
  private static final Set<String> CHANGE_LISTS =
      Set.of("append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove");
  private static final Set<String> CHANGE_DICTS =
      Set.of("clear", "pop", "popitem", "setdefault", "update");
  private static final Set<String> OF_SEQUENCES = Set.of("count", "index");
  private static final Set<String> OF_DICTS =
      Set.of("get", "keys", "values", "items", "copy", "fromkeys");
  private static final Set<String> OF_INTEGERS = Set.of("bit_length", "bit_count", "conjugate");
  private static final Set<String> OF_REALS = Set.of("is_integer", "conjugate");

  /** {@code value.name}. */
  Value attribute(Value value, String name) {
    Value found = own(value, name);
    if (found != null) {
      return found;
    }
    Value item = value instanceof Value.Dict dict ? dict.get(name) : null;
    return item == null ? Value.Undefined.in(value, Value.of(name)) : item;
  }

  /** What the filter {@code attr} gives: an attribute, never an item. */
  Value ownAttribute(Value value, String name) {
    Value found = own(value, name);
    return found == null ? Value.Undefined.in(value, Value.of(name)) : found;
  }

  /** {@code value[key]}. */
  Value item(Value value, Value key) {
    Value item =
        switch (value) {
          case Value.Undefined undefined -> throw undefined.failure();
          case Value.Dict dict -> itemOf(dict, key);
          case Value.Sequence list -> at(list.items(), key);
          case Value.Tuple tuple -> at(tuple.items(), key);
          case Value.Text text -> characterOf(text, key);
          case Value.Range range -> {
            long index = index(key, range.size());
            yield index < 0 ? null : range.at(index);
          }
          default -> null;
        };
    if (item == null && key instanceof Value.Text name) {
      item = own(value, name.text());
    }
    return item == null ? Value.Undefined.in(value, key) : item;
  }

  private static @Nullable Value itemOf(Value.Dict dict, Value key) {
    boolean hashable =
        !(key instanceof Value.Sequence || key instanceof Value.Dict || key instanceof Value.View);
    return hashable ? dict.get(key) : null;
  }

  private static @Nullable Value at(List<Value> items, Value key) {
    long index = index(key, items.size());
    return index < 0 ? null : items.get((int) index);
  }

  private static @Nullable Value characterOf(Value.Text text, Value key) {
    BigInteger number = Numbers.integer(key);
    if (number == null) {
      return null;
    }
    long index = index(key, CodePoints.length(text.text()));
    return index < 0
        ? null
        : new Value.Text(CodePoints.slice(text.text(), (int) index, (int) index + 1), text.safe());
  }

  /** The index from the beginning, or -1 where there is no such item. */
  private static long index(Value key, long length) {
    BigInteger number = Numbers.integer(key);
    if (number == null || number.bitLength() > 62) {
      return -1;
    }
    long index = number.longValue() < 0 ? number.longValue() + length : number.longValue();
    return index >= length ? -1 : index;
  }

  /** What an object has beside its items; null where it has nothing of this name. */
  private @Nullable Value own(Value value, String name) {
    if (value instanceof Value.Instance instance) {
      Value attribute = instance.attribute(name);
      if (attribute != null) {
        return name.startsWith("_") ? Value.Undefined.unsafe(value, name) : attribute;
      }
      if (instance instanceof Namespace) {
        return null; // which hides even what every object has
      }
    }
    if (OF_EVERYTHING.contains(name)) {
      return Value.Undefined.unsafe(value, name);
    }
    boolean method =
        switch (value) {
          case Value.Undefined undefined -> throw undefined.failure();
          case Value.Text _ -> StringMethods.NAMES.contains(name);
          case Value.Sequence _ -> {
            if (CHANGE_LISTS.contains(name)) {
              yield false;
            }
            yield OF_SEQUENCES.contains(name) || name.equals("copy");
          }
          case Value.Tuple _, Value.Range _ -> OF_SEQUENCES.contains(name);
          case Value.Dict _ -> OF_DICTS.contains(name);
          case Value.Int _, Value.Bool _ -> OF_INTEGERS.contains(name);
          case Value.Real _ -> OF_REALS.contains(name);
          default -> false;
        };
    if (method) {
      return new Method(value, name);
    }
    if ((value instanceof Value.Sequence && CHANGE_LISTS.contains(name))
        || (value instanceof Value.Dict && CHANGE_DICTS.contains(name))) {
      return Value.Undefined.unsafe(value, name);
    }
    if (value instanceof Value.Tuple tuple && tuple.names().contains(name)) {
      return tuple.items().get(tuple.names().indexOf(name));
    }
    Value number = Numbers.number(value);
    if (number != null) {
      return switch (name) {
        case "real" -> number;
        case "numerator" -> number instanceof Value.Int ? number : null;
        case "imag" -> number instanceof Value.Int ? Value.of(0) : new Value.Real(0);
        case "denominator" -> number instanceof Value.Int ? Value.of(1) : null;
        default -> null;
      };
    }
    return null;
  }

  /** A method with the object that it is of. */
  private record Method(Value self, String name) implements Value.Instance {
    @Override
    public String typeName() {
      return self instanceof Value.Text && name.startsWith("format")
          ? "function"
          : "builtin_function_or_method";
    }

    @Override
    public boolean callable() {
      return true;
    }

    @Override
    public Value call(Arguments arguments, Rendering rendering) {
      return switch (self) {
        case Value.Text text -> StringMethods.call(name, text, arguments, rendering);
        case Value.Dict dict -> CollectionMethods.call(name, dict, arguments, rendering);
        case Value.Sequence list ->
            CollectionMethods.call(name, list, list.items(), arguments, rendering);
        case Value.Tuple tuple ->
            CollectionMethods.call(name, tuple, tuple.items(), arguments, rendering);
        case Value.Range range ->
            CollectionMethods.call(
                name, range, rendering.operators().list(range), arguments, rendering);
        default -> CollectionMethods.call(name, self, arguments);
      };
    }

    @Override
    public String repr() {
      return "<built-in method " + name + " of " + self.typeName() + " object>";
    }
  }
}
