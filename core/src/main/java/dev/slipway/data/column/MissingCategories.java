package dev.slipway.data.column;

import dev.slipway.base.binding.Doc;

/** What stands for a category that is not there. */
public sealed interface MissingCategories {
  @Doc("A category of its own")
  record OwnCategory() implements MissingCategories {}

  @Doc("The most frequent category of the training rows; of several, the first by name")
  record MostFrequent() implements MissingCategories {}

  @Doc("A fixed category")
  record Constant(@Doc("Its name") String value) implements MissingCategories {}

  @Doc("The row is left out, and refused when it comes to be answered")
  record Drop() implements MissingCategories {}
}
