package dev.slipway.task;

import dev.slipway.data.feature.Feature;
import java.util.List;

/**
 * A task bound to the training split.
 *
 * @param task travels with the model
 * @param criterion what training makes small; it does not travel
 * @param warnings about the target, a sentence each
 */
public record FittedTask(Task task, Criterion criterion, List<String> warnings) {
  public FittedTask {
    warnings = List.copyOf(warnings);
  }

  /** The same, its task told how the network's inputs are made. */
  FittedTask reading(List<Feature> features) {
    return new FittedTask(task.reading(features), criterion, warnings);
  }
}
