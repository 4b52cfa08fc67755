package dev.slipway.recipe.run;

import dev.slipway.eval.metric.LanguageModelMetrics;
import dev.slipway.eval.yardstick.Yardstick;
import java.util.List;

/**
 * What the test split said of a finished model.
 *
 * @param metrics each with its interval
 * @param yardsticks on the same documents; empty where the recipe asks for none
 */
public record Evaluation(LanguageModelMetrics metrics, List<Yardstick> yardsticks) {
  public Evaluation {
    yardsticks = List.copyOf(yardsticks);
  }
}
