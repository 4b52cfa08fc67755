package dev.slipway.base.binding;

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads records, sealed interfaces and enums into {@link Shape}s. */
public final class Shapes {
  private final List<ScalarType<?>> scalars;
  private final Map<Class<?>, Shape.OneOf> finished = new HashMap<>();
  private final Set<Class<?>> begun = new HashSet<>();

  /**
   * @param scalars types of one word beyond {@link ScalarType#COMMON}
   */
  public Shapes(List<ScalarType<?>> scalars) {
    this.scalars = new ArrayList<>(ScalarType.COMMON);
    this.scalars.addAll(scalars);
  }

  /** The shape of a whole document. */
  public Shape.Group document(Class<? extends Record> type) {
    return group(type);
  }

  private Shape shape(Type type, AnnotatedElement limits, String where) {
    if (type instanceof ParameterizedType generic) {
      Type argument = generic.getActualTypeArguments()[0];
      if (generic.getRawType() == List.class) {
        return new Shape.ListOf(shape(argument, limits, where));
      }
      if (generic.getRawType() == Auto.class) {
        return new Shape.AutoOf(shape(argument, limits, where));
      }
      if (generic.getRawType() == Optional.class) {
        return new Shape.NoneOr(shape(argument, limits, where));
      }
    }
    Range range = limits.getAnnotation(Range.class);
    if (type == String.class) {
      Matches matches = limits.getAnnotation(Matches.class);
      return matches == null
          ? new Shape.Text("", "text")
          : new Shape.Text(matches.value(), matches.expected());
    }
    if (type == boolean.class || type == Boolean.class) {
      return new Shape.Flag();
    }
    if (type == int.class || type == Integer.class) {
      return whole(range, Integer.MIN_VALUE, Integer.MAX_VALUE, false);
    }
    if (type == long.class || type == Long.class) {
      return whole(range, Long.MIN_VALUE, Long.MAX_VALUE, true);
    }
    if (type == double.class || type == Double.class) {
      return range == null
          ? new Shape.Decimal(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY)
          : new Shape.Decimal(range.min(), range.max());
    }
    for (ScalarType<?> scalar : scalars) {
      if (scalar.type() == type) {
        return new Shape.Quantity(scalar);
      }
    }
    if (type instanceof Class<?> known) {
      if (known.isEnum()) {
        return word(known);
      }
      if (known.isRecord()) {
        return group(known);
      }
      if (known.isSealed()) {
        return oneOf(known);
      }
    }
    throw new IllegalArgumentException(where + " has the type " + type + ", which has no shape");
  }

  private static Shape whole(@Nullable Range range, long least, long most, boolean wide) {
    return range == null
        ? new Shape.Whole(least, most, wide)
        : new Shape.Whole(
            (long) Math.max(least, range.min()), (long) Math.min(most, range.max()), wide);
  }

  private Shape.Group group(Class<?> type) {
    List<Shape.Field> fields = new ArrayList<>();
    for (RecordComponent component : type.getRecordComponents()) {
      Default byDefault = component.getAnnotation(Default.class);
      fields.add(
          new Shape.Field(
              named(component, component.getName()),
              doc(component),
              byDefault == null ? null : byDefault.value(),
              shape(
                  component.getGenericType(),
                  component,
                  type.getSimpleName() + "." + component.getName()),
              component));
    }
    return new Shape.Group(type, doc(type), List.copyOf(fields));
  }

  /**
   * A type that is met again inside of itself, such as a layer that holds layers, is named only.
   */
  private Shape oneOf(Class<?> type) {
    Shape.OneOf there = finished.get(type);
    if (there != null) {
      return there;
    }
    if (!begun.add(type)) {
      return new Shape.Again(type, () -> finished.get(type));
    }
    List<Shape.Kind> kinds = new ArrayList<>();
    collectKinds(type, kinds);
    Shape.OneOf oneOf = new Shape.OneOf(type, doc(type), List.copyOf(kinds));
    finished.put(type, oneOf);
    return oneOf;
  }

  private void collectKinds(Class<?> type, List<Shape.Kind> kinds) {
    for (Class<?> kind : type.getPermittedSubclasses()) {
      if (kind.isInterface()) {
        collectKinds(kind, kinds);
      } else if (kind.isAnnotationPresent(Unwrapped.class)) {
        Shape.Group wrapper = group(kind);
        if (wrapper.fields().size() != 1
            || !(wrapper.fields().getFirst().shape() instanceof Shape.OneOf inner)) {
          throw new IllegalArgumentException(kind + " is to hold one value of a sealed type");
        }
        inner.kinds().forEach(k -> kinds.add(new Shape.Kind(k.name(), k.group(), wrapper)));
      } else {
        kinds.add(new Shape.Kind(named(kind, kind.getSimpleName()), group(kind), null));
      }
    }
  }

  private static Shape.Word word(Class<?> type) {
    List<Shape.Option> options = new ArrayList<>();
    for (Object constant : type.getEnumConstants()) {
      String name = ((Enum<?>) constant).name();
      try {
        AnnotatedElement element = type.getField(name);
        String word = name.toLowerCase(Locale.ROOT).replace('_', '-');
        Named named = element.getAnnotation(Named.class);
        options.add(new Shape.Option(named == null ? word : named.value(), doc(element), constant));
      } catch (NoSuchFieldException e) {
        throw new IllegalStateException(e);
      }
    }
    return new Shape.Word(type, List.copyOf(options));
  }

  private static String named(AnnotatedElement element, String javaName) {
    Named named = element.getAnnotation(Named.class);
    return named == null ? kebab(javaName) : named.value();
  }

  private static String doc(AnnotatedElement element) {
    Doc doc = element.getAnnotation(Doc.class);
    return doc == null ? "" : doc.value();
  }

  /** {@code keyValueHeads} and {@code WarmupStableDecay} in kebab case. */
  static String kebab(String javaName) {
    return javaName.replaceAll("([a-z0-9])([A-Z])", "$1-$2").toLowerCase(Locale.ROOT);
  }
}
