package dev.slipway.recipe;

import dev.slipway.base.binding.Doc;
import dev.slipway.base.binding.Unwrapped;
import dev.slipway.task.TaskConfig;

/** What is learnt. */
public sealed interface TaskSettings {
  @Doc("To continue text: the next token from those before it")
  record LanguageModelling() implements TaskSettings {}

  /** A task that is learnt of examples. */
  @Unwrapped
  record Examples(TaskConfig task) implements TaskSettings {}
}
