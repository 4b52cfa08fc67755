package dev.slipway.data.column;

import dev.slipway.base.binding.Default;
import dev.slipway.base.binding.Doc;

/** How a column of numbers is brought to the range of the others. */
public sealed interface Scaling {
  @Doc("In its own units")
  record None() implements Scaling {}

  @Doc("Mean 0 and standard deviation 1")
  record Standard() implements Scaling {}

  @Doc("The smallest and largest number of the training rows to the ends of a range")
  record MinMax(
      @Doc("What the least becomes") @Default("0") double low,
      @Doc("What the largest becomes") @Default("1") double high)
      implements Scaling {
    public MinMax {
      if (!(low < high)) {
        throw new IllegalArgumentException(
            "low is below high, and %s, %s came".formatted(low, high));
      }
    }
  }

  @Doc("Median 0 and interquartile range 1, which outliers hardly move")
  record Robust() implements Scaling {}
}
