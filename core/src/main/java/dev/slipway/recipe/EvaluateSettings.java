package dev.slipway.recipe;

import dev.slipway.base.binding.Default;
import dev.slipway.base.binding.Doc;
import dev.slipway.base.binding.Range;

/** What is measured at the end. */
public sealed interface EvaluateSettings {
  @Doc("Cross-entropy in bits for each byte of text, with its confidence interval")
  record BitsPerByte() implements EvaluateSettings {}

  @Doc("Exponential of the mean cross-entropy of a token, with its confidence interval")
  record Perplexity() implements EvaluateSettings {}

  @Doc("How often the most likely next token is the right one, with its confidence interval")
  record Accuracy() implements EvaluateSettings {}

  @Doc("What an n-gram model and xz reach on the same text, and what the forecast said")
  record Yardsticks() implements EvaluateSettings {}

  @Doc("Continuations of held-out documents' beginnings, to be read")
  record Samples(
      @Doc("How many") @Default("4") @Range(min = 1, max = 1000) int count,
      @Doc("Tokens of each") @Default("120") @Range(min = 1, max = 100_000) int tokens,
      @Doc("0 takes the most likely token, more is more varied")
          @Default("0.7")
          @Range(min = 0, max = 10)
          double temperature)
      implements EvaluateSettings {}
}
