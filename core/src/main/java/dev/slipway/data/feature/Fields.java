package dev.slipway.data.feature;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.base.binding.Nearest;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Field;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Finds fields by name or kind, and says in one line what is there when one is not. */
public final class Fields {
  private Fields() {}

  /**
   * The field with this name.
   *
   * @throws SlipwayException {@code data.field-missing}, which names the nearest
   */
  public static Field named(ExampleSet examples, String name) {
    List<String> names = examples.fields().stream().map(Field::name).toList();
    return examples.fields().stream()
        .filter(field -> field.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new SlipwayException(
                    Exit.INPUT,
                    "data.field-missing",
                    "there is no field " + name + ", there are " + listed(names),
                    Nearest.of(name, names)
                        .map(nearest -> "write " + nearest + " if you meant that")
                        .orElse("name one of these")));
  }

  /**
   * The field with this name and one of these kinds.
   *
   * @throws SlipwayException {@code data.field-kind}
   */
  public static Field named(ExampleSet examples, String name, Field.Kind... kinds) {
    Field field = named(examples, name);
    if (!List.of(kinds).contains(field.kind())) {
      throw new SlipwayException(
          Exit.INPUT,
          "data.field-kind",
          "the field "
              + name
              + " holds "
              + word(field.kind())
              + ", expected "
              + List.of(kinds).stream().map(Fields::word).collect(Collectors.joining(" or ")),
          "name another field, or say in data.source what kind it is");
    }
    return field;
  }

  /**
   * The name of the only field of a kind.
   *
   * @throws SlipwayException {@code data.field-missing} or {@code data.field-unclear}
   */
  public static String only(ExampleSet examples, Field.Kind kind) {
    List<String> names = ofKind(examples, kind);
    if (names.size() == 1) {
      return names.getFirst();
    }
    if (names.isEmpty()) {
      throw new SlipwayException(
          Exit.INPUT,
          "data.field-missing",
          "no field holds "
              + word(kind)
              + ", there are "
              + listed(examples.fields().stream().map(Field::name).toList()),
          "choose another input or another source");
    }
    throw new SlipwayException(
        Exit.INPUT,
        "data.field-unclear",
        "several fields hold " + word(kind) + ": " + listed(names),
        "name the one to take with field:");
  }

  static List<String> ofKind(ExampleSet examples, Field.Kind kind) {
    return examples.fields().stream()
        .filter(field -> field.kind() == kind)
        .map(Field::name)
        .toList();
  }

  private static String word(Field.Kind kind) {
    return switch (kind) {
      case TEXT -> "text";
      case NUMBER -> "numbers";
      case LABELS -> "labels";
      case PICTURE -> "pictures";
      case SOUND -> "sounds";
    };
  }

  private static String listed(List<String> names) {
    if (names.size() <= 12) {
      return String.join(", ", names);
    }
    return String.format(
        Locale.ROOT, "%s and %d more", String.join(", ", names.subList(0, 12)), names.size() - 12);
  }
}
