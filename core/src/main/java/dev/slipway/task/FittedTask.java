package dev.slipway.task;

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
}
