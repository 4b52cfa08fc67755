package dev.slipway.recipe.run;

import java.util.Locale;

/** The stages of a run, in their order. */
public enum Phase {
  DATA,
  TOKENIZER,
  TOKENS,
  TRAIN,
  EVALUATE,
  PACKAGE;

  /** As people and files see it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
