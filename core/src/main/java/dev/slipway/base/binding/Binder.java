package dev.slipway.base.binding;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Turns a document into records and finds every mistake in it on the way. */
public final class Binder {
  private final Variables variables;
  private final List<Problem> problems = new ArrayList<>();
  private final Map<String, Place> places = new LinkedHashMap<>();

  /**
   * What came of a document.
   *
   * @param value the record; null where it could not be made
   * @param problems in the order of the document; when there are any, the value is not to be used
   *     but for finding more
   * @param places where each key stands that the document has, by path
   */
  public record Bound<T>(@Nullable T value, List<Problem> problems, Map<String, Place> places) {
    /** Where a key stands, or the nearest key above it that is written. */
    public Place place(String path) {
      for (String at = path; ; at = at.substring(0, Math.max(0, at.lastIndexOf('.')))) {
        Place place = places.get(at);
        if (place != null) {
          return place;
        }
        if (at.isEmpty()) {
          throw new IllegalStateException("the document has no place");
        }
      }
    }
  }

  private Binder(Variables variables) {
    this.variables = variables;
  }

  /**
   * @param shape of {@code type}, by {@link Shapes#document}
   */
  public static <T extends Record> Bound<T> bind(
      YamlReader.Document document, Shape.Group shape, Class<T> type, Variables variables) {
    Binder binder = new Binder(variables);
    binder.problems.addAll(document.problems());
    Object value = binder.bind(document.root(), shape, "", shape.expected());
    List<Problem> inOrder = new ArrayList<>(binder.problems);
    inOrder.sort(
        Comparator.comparingInt((Problem p) -> p.place().line())
            .thenComparingInt(p -> p.place().column()));
    return new Bound<>(type.cast(value), List.copyOf(inOrder), Map.copyOf(binder.places));
  }

  private @Nullable Object bind(Node node, Shape shape, String path, String expected) {
    places.putIfAbsent(path, node.place());
    Node given = node instanceof Node.Scalar scalar ? expand(scalar, path) : node;
    if (given == null) {
      return null;
    }
    return switch (shape) {
      case Shape.AutoOf(Shape inner) -> {
        if (isWord(given, "auto")) {
          yield Auto.auto();
        }
        Object value = bind(given, inner, path, shape.expected());
        yield value == null ? null : Auto.of(value);
      }
      case Shape.NoneOr(Shape inner) -> {
        if (isWord(given, "none")) {
          yield Optional.empty();
        }
        Object value = bind(given, inner, path, shape.expected());
        yield value == null ? null : Optional.of(value);
      }
      case Shape.ListOf(Shape item) -> list(given, item, path, expected);
      case Shape.Group group -> group(given, group, path, expected);
      case Shape.OneOf oneOf -> oneOf(given, oneOf, path, expected);
      case Shape.Again again -> oneOf(given, again.whole().get(), path, expected);
      case Shape.Text _,
          Shape.Whole _,
          Shape.Decimal _,
          Shape.Flag _,
          Shape.Word _,
          Shape.Quantity _ ->
          given instanceof Node.Scalar scalar
              ? scalar(scalar, shape, path, expected)
              : problem(given, path, given.described(), expected, "");
    };
  }

  private static boolean isWord(Node node, String word) {
    return node instanceof Node.Scalar scalar && scalar.text().equals(word);
  }

  private Node.@Nullable Scalar expand(Node.Scalar scalar, String path) {
    if (!scalar.text().contains("${")) {
      return scalar;
    }
    try {
      return new Node.Scalar(
          scalar.place(), variables.expand(scalar.text()), Node.Style.INTERPOLATED);
    } catch (IllegalArgumentException e) {
      problem(
          scalar,
          path,
          e.getMessage(),
          "${env.NAME} of a variable that is set, or a Java property such as ${java.home}",
          "set it, or write the value");
      return null;
    }
  }

  private @Nullable Object problem(
      Node node, String path, @Nullable String came, String expected, String hint) {
    problems.add(new Problem(node.place(), path, String.valueOf(came), expected, hint));
    return null;
  }

  private @Nullable Object scalar(Node.Scalar scalar, Shape shape, String path, String expected) {
    if (scalar.isNull() && !(shape instanceof Shape.Text && scalar.style() != Node.Style.PLAIN)) {
      return problem(scalar, path, scalar.described(), expected, "");
    }
    Object value =
        switch (shape) {
          case Shape.Text(String pattern, String _) ->
              isText(scalar) && (pattern.isEmpty() || scalar.text().matches(pattern))
                  ? scalar.text()
                  : null;
          case Shape.Flag _ -> scalar.isFlag() ? Boolean.valueOf(scalar.text()) : null;
          case Shape.Whole(long min, long max, boolean wide) -> whole(scalar, min, max, wide);
          case Shape.Decimal(double min, double max) -> decimal(scalar, min, max);
          case Shape.Word(Class<?> _, List<Shape.Option> options) ->
              options.stream()
                  .filter(o -> o.name().equals(scalar.text()))
                  .map(Shape.Option::constant)
                  .findFirst()
                  .orElse(null);
          case Shape.Quantity(ScalarType<?> type) -> quantity(scalar, type);
          default -> throw new IllegalStateException("not a scalar: " + shape);
        };
    if (value != null) {
      return value;
    }
    String hint =
        switch (shape) {
          case Shape.Text _ -> isText(scalar) ? "" : "put it in quotes";
          case Shape.Word word ->
              meant(scalar.text(), word.options().stream().map(Shape.Option::name).toList());
          default -> "";
        };
    return problem(scalar, path, scalar.described(), expected, hint);
  }

  private static boolean isText(Node.Scalar scalar) {
    return scalar.style() != Node.Style.PLAIN || !(scalar.isNumber() || scalar.isFlag());
  }

  private static @Nullable Object whole(Node.Scalar scalar, long min, long max, boolean wide) {
    if (!scalar.isNumber()
        || !scalar.text().matches(Numbers.WHOLE)
        || scalar.text().length() > 30) {
      return null;
    }
    BigInteger number = new BigInteger(scalar.text());
    boolean inRange =
        number.compareTo(BigInteger.valueOf(min)) >= 0
            && number.compareTo(BigInteger.valueOf(max)) <= 0;
    if (!inRange) {
      return null;
    }
    return wide ? (Object) number.longValueExact() : (Object) number.intValueExact();
  }

  private static @Nullable Object decimal(Node.Scalar scalar, double min, double max) {
    if (!scalar.isNumber()) {
      return null;
    }
    double number = Double.parseDouble(scalar.text());
    return Double.isFinite(number) && number >= min && number <= max ? number : null;
  }

  private static @Nullable Object quantity(Node.Scalar scalar, ScalarType<?> type) {
    if (scalar.isNumber() && scalar.style() == Node.Style.PLAIN && !type.alsoNumber()) {
      return null;
    }
    try {
      return type.parse().apply(scalar.text());
    } catch (IllegalArgumentException e) {
      return null; // the caller tells what came and what was expected
    }
  }

  private @Nullable Object list(Node node, Shape item, String path, String expected) {
    if (!(node instanceof Node.Sequence(Place _, List<Node> items))) {
      return problem(node, path, node.described(), expected, "");
    }
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      Object value = bind(items.get(i), item, path + "." + i, item.expected());
      if (value != null) {
        values.add(value);
      }
    }
    return values.size() == items.size() ? List.copyOf(values) : null;
  }

  private @Nullable Object group(Node node, Shape.Group group, String path, String expected) {
    if (!(node instanceof Node.Mapping(Place place, List<Node.Entry> entries))) {
      boolean isNothing = node instanceof Node.Scalar scalar && scalar.isNull();
      Optional<Shape.Field> main = isNothing ? Optional.empty() : group.main();
      if (main.isEmpty()) {
        return problem(node, path, node.described(), expected, "");
      }
      Shape.Field field = main.get();
      Node.Entry alone = new Node.Entry(node.place(), field.key(), node);
      return fields(node.place(), List.of(alone), group, path);
    }
    return fields(place, entries, group, path);
  }

  private @Nullable Object fields(
      Place place, List<Node.Entry> entries, Shape.Group group, String path) {
    Map<String, Node.Entry> given = new LinkedHashMap<>();
    List<String> known = group.fields().stream().map(Shape.Field::key).toList();
    for (Node.Entry entry : entries) {
      if (known.contains(entry.key())) {
        given.put(entry.key(), entry);
      } else {
        problems.add(
            new Problem(
                entry.place(),
                below(path, entry.key()),
                "an unknown key",
                known.isEmpty() ? "no keys" : "one of " + String.join(", ", known),
                meant(entry.key(), known)));
      }
    }
    @Nullable Object[] arguments = new @Nullable Object[group.fields().size()];
    boolean faulty = false;
    boolean incomplete = false;
    for (int i = 0; i < arguments.length; i++) {
      Shape.Field field = group.fields().get(i);
      String at = below(path, field.key());
      Node.Entry entry = given.get(field.key());
      if (entry != null) {
        places.put(at, entry.place());
        arguments[i] = bind(entry.value(), field.shape(), at, field.shape().expected());
        faulty |= arguments[i] == null;
      } else if (field.required()) {
        faulty = true;
        problems.add(
            new Problem(
                place,
                at,
                "nothing",
                field.shape().expected(),
                "add the key " + field.key() + " here"));
      }
      if (arguments[i] == null && !field.required()) {
        arguments[i] = byDefault(field, at, place);
      }
      incomplete |= arguments[i] == null;
    }
    return incomplete ? null : create(group, arguments, place, path, faulty);
  }

  private @Nullable Object create(
      Shape.Group group, @Nullable Object[] arguments, Place place, String path, boolean faulty) {
    try {
      return group.create(arguments);
    } catch (InvalidSetting e) {
      String at = below(path, e.key());
      // With another key at fault the check may have seen that key's default: only a check of a key
      // that is written is told then.
      if (!faulty || places.containsKey(at)) {
        problems.add(new Problem(places.getOrDefault(at, place), at, e.came(), e.expected(), ""));
      }
      return null;
    }
  }

  private @Nullable Object byDefault(Shape.Field field, String path, Place place) {
    YamlReader.Document document =
        YamlReader.parseOption(String.valueOf(field.defaultYaml()), "default of " + path);
    Binder binder = new Binder(variables);
    Object value = binder.bind(document.root(), field.shape(), path, field.shape().expected());
    for (Problem problem : binder.problems) {
      problems.add(
          new Problem(
              place,
              problem.path(),
              problem.came() + " in the default",
              problem.expected(),
              "write the key"));
    }
    return value;
  }

  private @Nullable Object oneOf(Node node, Shape.OneOf oneOf, String path, String expected) {
    List<String> names = oneOf.kinds().stream().map(Shape.Kind::name).toList();
    return switch (node) {
      case Node.Scalar scalar -> {
        Optional<Shape.Kind> kind = oneOf.kind(scalar.text());
        if (kind.isEmpty()) {
          yield problem(node, path, node.described(), expected, meant(scalar.text(), names));
        }
        yield wrapped(
            kind.get(),
            fields(node.place(), List.of(), kind.get().group(), below(path, kind.get().name())));
      }
      case Node.Sequence _ -> problem(node, path, node.described(), expected, "");
      case Node.Mapping(Place place, List<Node.Entry> all) -> {
        List<Node.Entry> chosen = all.stream().filter(e -> e.place().isOption()).toList();
        List<Node.Entry> entries = all.size() > 1 && chosen.size() == 1 ? chosen : all;
        if (entries.size() != 1) {
          yield problem(
              node, path, node.described(), "exactly one key: " + expected, misplaced(oneOf, all));
        }
        Node.Entry entry = entries.getFirst();
        Optional<Shape.Kind> kind = oneOf.kind(entry.key());
        String at = below(path, entry.key());
        if (kind.isEmpty()) {
          problems.add(
              new Problem(
                  entry.place(), at, "an unknown kind", expected, meant(entry.key(), names)));
          yield null;
        }
        places.put(at, entry.place());
        yield wrapped(
            kind.get(),
            group(entry.value(), kind.get().group(), at, kind.get().group().expected()));
      }
    };
  }

  private static @Nullable Object wrapped(Shape.Kind kind, @Nullable Object value) {
    return value == null ? null : kind.wrap(value);
  }

  /**
   * The hint for {@code { zip: x, include: y }}, where the second key belongs to the first one's
   * settings.
   */
  private static String misplaced(Shape.OneOf oneOf, List<Node.Entry> entries) {
    for (Node.Entry entry : entries) {
      Optional<Shape.Kind> kind = oneOf.kind(entry.key());
      if (kind.isEmpty()) {
        continue;
      }
      Shape.Group group = kind.get().group();
      List<String> others =
          entries.stream().map(Node.Entry::key).filter(k -> !k.equals(entry.key())).toList();
      if (others.stream().allMatch(k -> group.field(k).isPresent())) {
        String inside =
            group.fields().stream()
                .map(Shape.Field::key)
                .filter(k -> others.contains(k) || group.field(k).orElseThrow().required())
                .map(k -> k + ": ...")
                .collect(Collectors.joining(", "));
        return "write { " + entry.key() + ": { " + inside + " } }";
      }
    }
    return "";
  }

  private static String meant(String word, Collection<String> known) {
    return Nearest.of(word, known).map(k -> "did you mean " + k + "?").orElse("");
  }

  private static String below(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }
}
