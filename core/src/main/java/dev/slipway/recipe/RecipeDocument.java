package dev.slipway.recipe;

import dev.slipway.base.binding.Binder;
import dev.slipway.base.binding.Overrides;
import dev.slipway.base.binding.Problem;
import dev.slipway.base.binding.Shape;
import dev.slipway.base.binding.Shapes;
import dev.slipway.base.binding.Variables;
import dev.slipway.base.binding.YamlReader;
import dev.slipway.base.binding.YamlWriter;
import dev.slipway.model.sequential.Padding;
import dev.slipway.model.sequential.Window;
import java.nio.file.Path;
import java.util.List;

/** Recipes from files. */
public final class RecipeDocument {
  /** The grammar of recipes. */
  public static final Shape.Group SHAPE =
      new Shapes(List.of(Interval.TYPE, Window.TYPE, Padding.TYPE)).document(Recipe.class);

  private RecipeDocument() {}

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
