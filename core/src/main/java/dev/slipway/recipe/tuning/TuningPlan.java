package dev.slipway.recipe.tuning;

import dev.slipway.base.AtomicFiles;
import dev.slipway.base.Json;
import dev.slipway.plan.MachineProfile;
import dev.slipway.plan.TuneForecast;
import dev.slipway.recipe.Recipe;
import dev.slipway.recipe.RecipeDocument;
import dev.slipway.recipe.run.RunPaths;
import java.util.List;

/**
 * A run before its first step, as its folder keeps it.
 *
 * @param recipe with nothing left {@code auto}
 * @param forecast of it
 * @param machine that it was forecast for
 */
public record TuningPlan(Recipe recipe, TuneForecast forecast, MachineProfile machine) {
  /** Puts it into the run's folder; the recipe comes last, since it makes a folder a run. */
  public void write(RunPaths paths) {
    AtomicFiles.write(paths.machine(), Json.write(machine));
    AtomicFiles.write(paths.forecast(), Json.write(forecast));
    AtomicFiles.write(paths.recipe(), RecipeDocument.write(recipe));
  }

  public static TuningPlan read(RunPaths paths) {
    return new TuningPlan(
        RecipeDocument.read(paths.recipe(), List.of()),
        Json.read(paths.forecast(), TuneForecast.class),
        Json.read(paths.machine(), MachineProfile.class));
  }
}
