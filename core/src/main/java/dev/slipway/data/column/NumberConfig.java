package dev.slipway.data.column;

import dev.slipway.base.binding.Default;
import dev.slipway.base.binding.Doc;

/** How a column of numbers is prepared: outliers first, then missing values, then the scale. */
public record NumberConfig(
    @Doc("What stands for a missing number") @Default("median") MissingNumbers missing,
    @Doc("What is done with numbers far from the others") @Default("keep") Outliers outliers,
    @Doc("The range it is brought to") @Default("standard") Scaling scaling) {
  /** The median for what is missing, outliers as they are, mean 0 and standard deviation 1. */
  public static NumberConfig usual() {
    return new NumberConfig(
        new MissingNumbers.Median(), new Outliers.Keep(), new Scaling.Standard());
  }

  public NumberConfig withMissing(MissingNumbers value) {
    return new NumberConfig(value, outliers, scaling);
  }

  public NumberConfig withScaling(Scaling value) {
    return new NumberConfig(missing, outliers, value);
  }
}
