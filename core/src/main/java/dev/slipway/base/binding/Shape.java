package dev.slipway.base.binding;

import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What may stand at a place in a document: the records seen as a grammar. */
public sealed interface Shape {
  /** For the sentence "…, expected X". */
  String expected();

  /**
   * @param pattern a regular expression that it matches, or empty
   */
  record Text(String pattern, String expected) implements Shape {}

  /**
   * @param wide whether the Java type is {@code long}
   */
  record Whole(long min, long max, boolean wide) implements Shape {
    @Override
    public String expected() {
      long most = wide ? Long.MAX_VALUE : Integer.MAX_VALUE;
      return "a whole number"
          + bounds(min == -most - 1 ? "" : "" + min, max == most ? "" : "" + max);
    }
  }

  record Decimal(double min, double max) implements Shape {
    @Override
    public String expected() {
      return "a number" + bounds(bound(min), bound(max));
    }

    private static String bound(double value) {
      if (Double.isInfinite(value)) {
        return "";
      }
      return value == Math.rint(value) && Math.abs(value) < 1e15
          ? Long.toString((long) value)
          : Double.toString(value);
    }
  }

  record Flag() implements Shape {
    @Override
    public String expected() {
      return "true or false";
    }
  }

  /** One of an enum's words. */
  record Word(Class<?> type, List<Option> options) implements Shape {
    @Override
    public String expected() {
      return alternatives(options.stream().map(Option::name).toList());
    }

    String nameOf(Object constant) {
      return options.stream()
          .filter(o -> o.constant == constant)
          .map(Option::name)
          .findFirst()
          .orElseThrow(() -> new IllegalStateException("no word for " + constant));
    }
  }

  record Option(String name, String doc, Object constant) {}

  record Quantity(ScalarType<?> type) implements Shape {
    @Override
    public String expected() {
      return type.expected();
    }
  }

  record ListOf(Shape item) implements Shape {
    @Override
    public String expected() {
      return "a list, each " + item.expected();
    }
  }

  /** The word {@code auto}, or the inner shape. */
  record AutoOf(Shape inner) implements Shape {
    @Override
    public String expected() {
      return "auto or " + inner.expected();
    }
  }

  /** The word {@code none}, or the inner shape. */
  record NoneOr(Shape inner) implements Shape {
    @Override
    public String expected() {
      return "none or " + inner.expected();
    }
  }

  /** A record: keys and values. */
  record Group(Class<?> type, String doc, List<Field> fields) implements Shape {
    @Override
    public String expected() {
      return fields.isEmpty()
          ? "{}"
          : "keys of " + fields.stream().map(Field::key).collect(Collectors.joining(", "));
    }

    boolean hasDefaults() {
      return fields.stream().noneMatch(Field::required);
    }

    /**
     * The field that a value stands for when it is given alone: the only one, the only one that is
     * required, or the one that is marked {@link Main}.
     */
    Optional<Field> main() {
      if (fields.size() == 1) {
        return Optional.of(fields.getFirst());
      }
      List<Field> required = fields.stream().filter(Field::required).toList();
      return required.size() == 1
          ? Optional.of(required.getFirst())
          : fields.stream().filter(f -> f.component.isAnnotationPresent(Main.class)).findFirst();
    }

    Optional<Field> field(String key) {
      return fields.stream().filter(f -> f.key.equals(key)).findFirst();
    }

    /**
     * @throws IllegalArgumentException what the compact constructor threw
     */
    Object create(Object[] arguments) {
      try {
        Constructor<?> constructor =
            type.getDeclaredConstructor(
                fields.stream().map(f -> f.component.getType()).toArray(Class<?>[]::new));
        open(constructor);
        return constructor.newInstance(arguments);
      } catch (InvocationTargetException e) {
        if (e.getCause() instanceof RuntimeException cause) {
          throw cause;
        }
        throw new IllegalStateException(e);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /**
   * @param key its name in a document
   * @param defaultYaml what it has when left out; null where it is required
   */
  record Field(
      String key,
      String doc,
      @Nullable String defaultYaml,
      Shape shape,
      RecordComponent component) {
    boolean required() {
      return defaultYaml == null;
    }

    Object of(Object group) {
      try {
        open(component.getAccessor());
        return component.getAccessor().invoke(group);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /**
   * A sealed type: an object of one key, or that key alone where the kind has no settings of its
   * own.
   */
  record OneOf(Class<?> type, String doc, List<Kind> kinds) implements Shape {
    @Override
    public String expected() {
      return alternatives(kinds.stream().map(Kind::form).toList());
    }

    Optional<Kind> kind(String name) {
      return kinds.stream().filter(k -> k.name.equals(name)).findFirst();
    }

    Kind kindOf(Object value) {
      return kinds.stream()
          .filter(k -> k.group.type == k.unwrap(value).getClass())
          .findFirst()
          .orElseThrow(() -> new IllegalStateException("no kind for " + value.getClass()));
    }
  }

  /**
   * @param wrapper the record that a value of this kind is put into, see {@link Unwrapped}; or null
   */
  record Kind(String name, Group group, @Nullable Group wrapper) {
    String form() {
      return group.hasDefaults() ? name : "{ " + name + ": ... }";
    }

    Object wrap(Object value) {
      return wrapper == null ? value : wrapper.create(new Object[] {value});
    }

    Object unwrap(Object value) {
      return wrapper != null && wrapper.type == value.getClass()
          ? wrapper.fields.getFirst().of(value)
          : value;
    }
  }

  /** A sealed type inside of itself. */
  record Again(Class<?> type, Supplier<OneOf> whole) implements Shape {
    @Override
    public String expected() {
      return whole.get().expected();
    }
  }

  private static void open(AccessibleObject member) {
    if (!member.trySetAccessible()) {
      throw new IllegalStateException(member + " can't be reached");
    }
  }

  private static String bounds(String min, String max) {
    if (min.isEmpty() && max.isEmpty()) {
      return "";
    }
    if (max.isEmpty()) {
      return " of at least " + min;
    }
    return min.isEmpty() ? " of at most " + max : " from " + min + " to " + max;
  }

  private static String alternatives(List<String> words) {
    return words.size() == 1
        ? words.getFirst()
        : String.join(", ", words.subList(0, words.size() - 1)) + " or " + words.getLast();
  }

  /** Every key below a shape, parents first, with its path; kinds are part of the path. */
  static List<Path> paths(Shape shape) {
    List<Path> all = new ArrayList<>();
    collect(shape, "", all);
    return all;
  }

  record Path(String path, Field field) {}

  private static void collect(Shape shape, String prefix, List<Path> all) {
    switch (shape) {
      case Group group -> {
        for (Field field : group.fields) {
          String path = prefix.isEmpty() ? field.key : prefix + "." + field.key;
          all.add(new Path(path, field));
          collect(field.shape, path, all);
        }
      }
      case OneOf oneOf -> oneOf.kinds.forEach(k -> collect(k.group, prefix + "." + k.name, all));
      case ListOf list -> collect(list.item, prefix + "[]", all);
      case AutoOf auto -> collect(auto.inner, prefix, all);
      case NoneOr none -> collect(none.inner, prefix, all);
      case Text _, Whole _, Decimal _, Flag _, Word _, Quantity _, Again _ -> {}
    }
  }
}
