package dev.slipway.data.conversation;

import dev.slipway.base.binding.Default;
import dev.slipway.base.binding.Doc;

/** How a row tells what people like better; each setting is the name of a column. */
public sealed interface PreferenceFormat {
  @Doc("Two answers to one prompt, each a text or a list of messages")
  record Pairs(
      @Doc(
              "What is asked; where rows lack it, chosen and rejected are whole conversations that begin alike")
          @Default("prompt")
          String prompt,
      @Doc("The answer that is liked better") @Default("chosen") String chosen,
      @Doc("The other one") @Default("rejected") String rejected,
      @Doc("By how much the one is better, a number that reward-modelling takes where it is there")
          @Default("margin")
          String margin)
      implements PreferenceFormat {}

  @Doc("One answer to a prompt, and whether it is liked")
  record Rated(
      @Doc("What is asked: a text or a list of messages") @Default("prompt") String prompt,
      @Doc("What is answered") @Default("completion") String completion,
      @Doc("Whether it is liked: true or false") @Default("label") String label)
      implements PreferenceFormat {}
}
