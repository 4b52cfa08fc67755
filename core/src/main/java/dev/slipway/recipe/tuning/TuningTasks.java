package dev.slipway.recipe.tuning;

import dev.slipway.recipe.Recipe;
import dev.slipway.recipe.TaskSettings;

/** The tuning task that a recipe asks for. */
public final class TuningTasks {
  private TuningTasks() {}

  public static TuningTask of(Recipe recipe) {
    return switch (recipe.task()) {
      case TaskSettings.LanguageModelling _ -> new ContinuedPretraining(recipe);
      case TaskSettings.InstructionTuning settings -> new InstructionTuning(recipe, settings);
      case TaskSettings.PreferenceTuning settings -> new PreferenceLearning(recipe, settings);
      case TaskSettings.RewardModelling settings -> new RewardLearning(recipe, settings);
      case TaskSettings.Examples _ ->
          throw new IllegalStateException("tasks of examples have a pipeline of their own");
    };
  }
}
