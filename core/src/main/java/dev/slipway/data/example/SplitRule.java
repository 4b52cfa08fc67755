package dev.slipway.data.example;

import dev.slipway.base.binding.Doc;

/** By what examples are put into splits or folds. */
public sealed interface SplitRule {
  @Doc("By each example's id: adding examples moves none of the others")
  record Hash() implements SplitRule {}

  @Doc("Each part has the classes in the same shares")
  record Stratified(@Doc("The field that is the class; numbers are cut at their deciles") String by)
      implements SplitRule {}

  @Doc("What belongs together stays together")
  record Grouped(@Doc("The field that tells what belongs together, such as a user") String by)
      implements SplitRule {}

  @Doc("The latest is the test, the latest before it the validation")
  record Time(@Doc("The field of the time: numbers, or texts such as 2024-03-01") String by)
      implements SplitRule {}
}
