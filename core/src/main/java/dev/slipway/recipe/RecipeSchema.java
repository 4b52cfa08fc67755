package dev.slipway.recipe;

import dev.slipway.base.binding.JsonSchema;
import dev.slipway.base.binding.ReferencePage;
import tools.jackson.databind.node.ObjectNode;

/** What may stand in a recipe, for editors and for readers. */
public final class RecipeSchema {
  private RecipeSchema() {}

  /** JSON Schema, draft 2020-12. */
  public static ObjectNode json() {
    return JsonSchema.of(RecipeDocument.SHAPE, "urn:slipway:recipe", "Slipway recipe");
  }

  /** The table of {@code docs/recipe.md}. */
  public static String markdown() {
    return ReferencePage.table(RecipeDocument.SHAPE);
  }
}
