package dev.slipway.data.feature;

import dev.slipway.base.binding.Doc;

/** What the terms of a text count for in a {@link BagFeature}. */
public enum TermWeights {
  @Doc("1 for each term that a text has")
  BINARY,
  @Doc("How often a text has it")
  COUNT,
  @Doc(
      "That, times ln((1 + n) / (1 + df)) + 1 for n training texts of which df have it, as scikit-learn's"
          + " TfidfVectorizer has it")
  TF_IDF,
  @Doc(
      "The logarithm of how much likelier it is in training texts of one class of the target than in the"
          + " other, with one text added to each (Wang and Manning 2012)")
  LOG_COUNT_RATIO
}
