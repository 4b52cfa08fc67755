package dev.slipway.recipe;

import dev.slipway.base.binding.Doc;

/** What is learnt. */
public sealed interface TaskSettings {
  @Doc("To continue text: the next token from those before it")
  record LanguageModelling() implements TaskSettings {}
}
