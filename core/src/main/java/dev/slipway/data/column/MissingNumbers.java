package dev.slipway.data.column;

import dev.slipway.base.binding.Doc;

/** What stands for a number that is not there. NaN and infinities count as not there. */
public sealed interface MissingNumbers {
  @Doc("The mean of the training rows")
  record Mean() implements MissingNumbers {}

  @Doc("The median of the training rows")
  record Median() implements MissingNumbers {}

  @Doc("A fixed number")
  record Constant(@Doc("In the column's own units") double value) implements MissingNumbers {
    public Constant {
      if (!Double.isFinite(value)) {
        throw new IllegalArgumentException("the constant is finite, and " + value + " came");
      }
    }
  }

  @Doc("The mean, and a further column that is 1 where the value was missing")
  record OwnCategory() implements MissingNumbers {}

  @Doc("The row is left out, and refused when it comes to be answered")
  record Drop() implements MissingNumbers {}
}
