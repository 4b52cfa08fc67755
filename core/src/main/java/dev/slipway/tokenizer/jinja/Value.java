package dev.slipway.tokenizer.jinja;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a template computes with: Python's types of data, unchangeable, and the objects of Jinja.
 */
public sealed interface Value {
  /** Python's name of the type, as its messages say it. */
  String typeName();

  static Value of(boolean value) {
    return value ? Bool.TRUE : Bool.FALSE;
  }

  static Value of(long value) {
    return new Int(BigInteger.valueOf(value));
  }

  static Value of(String text) {
    return new Text(text, false);
  }

  static Value listOf(List<? extends Value> items) {
    return new Sequence(List.copyOf(items));
  }

  enum None implements Value {
    NONE;

    @Override
    public String typeName() {
      return "NoneType";
    }
  }

  enum Bool implements Value {
    FALSE,
    TRUE;

    boolean isTrue() {
      return this == TRUE;
    }

    @Override
    public String typeName() {
      return "bool";
    }
  }

  record Int(BigInteger value) implements Value {
    @Override
    public String typeName() {
      return "int";
    }
  }

  record Real(double value) implements Value {
    @Override
    public String typeName() {
      return "float";
    }
  }

  /**
   * @param safe marked as HTML that needs no escaping
   */
  record Text(String text, boolean safe) implements Value {
    @Override
    public String typeName() {
      return safe ? "Markup" : "str";
    }
  }

  /** A list. */
  record Sequence(List<Value> items) implements Value {
    @Override
    public String typeName() {
      return "list";
    }
  }

  /**
   * @param names of the items, for the groups of {@code groupby}; else empty
   */
  record Tuple(List<Value> items, List<String> names) implements Value {
    Tuple(List<Value> items) {
      this(items, List.of());
    }

    static Tuple of(Value... items) {
      return new Tuple(List.of(items));
    }

    @Override
    public String typeName() {
      return names.isEmpty() ? "tuple" : "_GroupTuple";
    }
  }

  /** A dict: in the order of insertion, by keys that are equal as Python's are. */
  final class Dict implements Value {
    record Entry(Value key, Value value) {}

    private final LinkedHashMap<Object, Entry> entries = new LinkedHashMap<>();

    /** Only for who fills it, before a template sees it. */
    public Dict put(String key, Value value) {
      return put(Value.of(key), value);
    }

    Dict put(Value key, Value value) {
      Object hash = Equality.hashKey(key);
      Entry old = entries.get(hash);
      entries.put(hash, new Entry(old == null ? key : old.key(), value));
      return this;
    }

    public @Nullable Value get(String key) {
      Entry entry = entries.get(key);
      return entry == null ? null : entry.value();
    }

    @Nullable Value get(Value key) {
      Entry entry = entries.get(Equality.hashKey(key));
      return entry == null ? null : entry.value();
    }

    int size() {
      return entries.size();
    }

    List<Entry> entries() {
      return new ArrayList<>(entries.values());
    }

    List<Value> keys() {
      List<Value> keys = new ArrayList<>(entries.size());
      entries.values().forEach(entry -> keys.add(entry.key()));
      return keys;
    }

    @Override
    public String typeName() {
      return "dict";
    }
  }

  /** What {@code keys()}, {@code values()} and {@code items()} of a dict give. */
  record View(String name, Dict dict) implements Value {
    @Override
    public String typeName() {
      return "dict_" + name;
    }

    List<Value> items() {
      return switch (name) {
        case "keys" -> dict.keys();
        case "values" -> dict.entries().stream().map(Dict.Entry::value).toList();
        default ->
            dict.entries().stream()
                .<Value>map(entry -> Tuple.of(entry.key(), entry.value()))
                .toList();
      };
    }
  }

  record Range(long start, long stop, long step) implements Value {
    long size() {
      if (step > 0 ? start >= stop : start <= stop) {
        return 0;
      }
      long span = step > 0 ? Math.subtractExact(stop, start) : Math.subtractExact(start, stop);
      return (span - 1) / Math.absExact(step) + 1;
    }

    Value at(long index) {
      return of(start + index * step);
    }

    private static Value of(long value) {
      return Value.of(value);
    }

    @Override
    public String typeName() {
      return "range";
    }
  }

  /** Items that can be taken once, in order. */
  record Stream(String typeName, Iterator<Value> items) implements Value {}

  /**
   * What is not there. It prints as nothing and is an error as soon as it is worked with.
   *
   * @param hint the message, where it is no other
   * @param object in which it was looked for
   * @param name of the variable, attribute or item
   * @param unsafe whether it is there, and the sandbox keeps it away
   */
  record Undefined(
      @Nullable String hint, @Nullable Value object, @Nullable Value name, boolean unsafe)
      implements Value {
    static Undefined variable(String name) {
      return new Undefined(null, null, Value.of(name), false);
    }

    static Undefined hinted(String hint) {
      return new Undefined(hint, null, null, false);
    }

    static Undefined in(Value object, Value name) {
      return new Undefined(null, object, name, false);
    }

    static Undefined unsafe(Value object, String name) {
      String message =
          "access to attribute %s of %s object is unsafe."
              .formatted(Printed.quoted(name), Printed.quoted(object.typeName()));
      return new Undefined(message, object, Value.of(name), true);
    }

    TemplateException failure() {
      return new TemplateException(unsafe ? "SecurityError" : "UndefinedError", message());
    }

    private String message() {
      if (hint != null) {
        return hint;
      }
      Value called = name == null ? None.NONE : name;
      if (object == null) {
        return Printed.repr(called) + " is undefined";
      }
      String holder = Printed.objectType(object);
      return called instanceof Text
          ? Printed.quoted(holder) + " has no attribute " + Printed.repr(called)
          : holder + " has no element " + Printed.repr(called);
    }

    @Override
    public String typeName() {
      return "Undefined";
    }
  }

  /** An object with attributes or that can be called: macros, loops, namespaces, functions. */
  non-sealed interface Instance extends Value {
    /** Python's module of the type; {@code builtins} for its own. */
    default String module() {
      return "builtins";
    }

    default @Nullable Value attribute(String name) {
      return null;
    }

    /** The names of attributes that are there and that the sandbox keeps away are unsafe. */
    default boolean callable() {
      return false;
    }

    default Value call(Arguments arguments, Rendering rendering) {
      throw TemplateException.type(Printed.quoted(typeName()) + " object is not callable");
    }

    String repr();
  }
}
