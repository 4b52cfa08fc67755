package dev.slipway.data.column;

import dev.slipway.base.binding.Default;
import dev.slipway.base.binding.Doc;
import dev.slipway.base.binding.Range;

/** What is done with numbers far from the others. */
public sealed interface Outliers {
  @Doc("They are left as they are")
  record Keep() implements Outliers {}

  @Doc("Outside [Q1 - factor (Q3 - Q1), Q3 + factor (Q3 - Q1)] (Tukey 1977)")
  record Iqr(
      @Doc("Of the interquartile range") @Default("1.5") @Range(min = 0, max = 100) double factor,
      @Doc("What is done with one") @Default("clip") Action action)
      implements Outliers {}

  @Doc("More than so many standard deviations from the mean")
  record ZScore(
      @Doc("In standard deviations") @Default("3") @Range(min = 0, max = 100) double limit,
      @Doc("What is done with one") @Default("clip") Action action)
      implements Outliers {}

  /** What is done with an outlier. */
  enum Action {
    @Doc("It becomes the nearest bound")
    CLIP,
    @Doc("It stays, and a further column is 1 where the value was an outlier")
    FLAG
  }
}
