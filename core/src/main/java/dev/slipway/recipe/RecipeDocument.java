package dev.slipway.recipe;

import dev.slipway.base.binding.Binder;
import dev.slipway.base.binding.JsonWriter;
import dev.slipway.base.binding.Overrides;
import dev.slipway.base.binding.Problem;
import dev.slipway.base.binding.Shape;
import dev.slipway.base.binding.Shapes;
import dev.slipway.base.binding.Variables;
import dev.slipway.base.binding.YamlReader;
import dev.slipway.base.binding.YamlWriter;
import dev.slipway.data.augment.Augmentation;
import dev.slipway.model.sequential.Padding;
import dev.slipway.model.sequential.Window;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** Recipes from files. */
public final class RecipeDocument {
  /** The grammar of recipes. */
  public static final Shape.Group SHAPE =
      new Shapes(List.of(Interval.TYPE, Window.TYPE, Padding.TYPE)).document(Recipe.class);

  /** Of one step of {@code data.augment}. */
  private static final Shape AUGMENTATION = item(field(field(SHAPE, "data"), "augment"));

  private RecipeDocument() {}

  private static Shape field(Shape group, String key) {
    return ((Shape.Group) group)
        .fields().stream()
            .filter(field -> field.key().equals(key))
            .findFirst()
            .orElseThrow()
            .shape();
  }

  private static Shape item(Shape list) {
    return ((Shape.ListOf) list).item();
  }

  /**
   * Reads a recipe; <code>${java.home}</code> and <code>${env.NAME}</code> are taken from this
   * process.
   *
   * @param settings of {@code --set}, each {@code path=value}
   * @throws dev.slipway.base.SlipwayException with every mistake that is in it
   */
  public static Recipe read(Path file, List<String> settings) {
    return bind(YamlReader.read(file), file.toString(), settings, Variables.ofSystem());
  }

  /**
   * As {@link #read}, of a text.
   *
   * @param source what errors call it
   */
  public static Recipe parse(
      String text, String source, List<String> settings, Variables variables) {
    return bind(YamlReader.parse(text, source), source, settings, variables);
  }

  /** The recipe as YAML, every key written out; {@link #read} gives an equal one. */
  public static String write(Recipe recipe) {
    return YamlWriter.write(recipe, SHAPE);
  }

  /**
   * A step of augmentation as people would say it: {@code rotate (degrees 15, fill reflect)}.
   *
   * @param step of a recipe
   */
  public static String text(Augmentation step) {
    JsonNode written = JsonWriter.write(step, AUGMENTATION);
    if (!written.isObject()) {
      return written.asString();
    }
    return written
        .propertyStream()
        .map(
            kind ->
                kind.getKey()
                    + kind.getValue()
                        .propertyStream()
                        .map(one -> one.getKey() + " " + one.getValue().asString())
                        .collect(Collectors.joining(", ", " (", ")")))
        .collect(Collectors.joining());
  }

  private static Recipe bind(
      YamlReader.Document document, String source, List<String> settings, Variables variables) {
    Binder.Bound<Recipe> bound =
        Binder.bind(Overrides.apply(document, settings), SHAPE, Recipe.class, variables);
    Recipe recipe = bound.value();
    if (!bound.problems().isEmpty() || recipe == null) {
      throw Problem.exception("recipe.invalid", source, bound.problems());
    }
    return recipe;
  }
}
