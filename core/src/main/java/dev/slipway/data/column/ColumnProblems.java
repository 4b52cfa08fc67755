package dev.slipway.data.column;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import java.util.Locale;

/** The sentences about a column. */
final class ColumnProblems {
  private ColumnProblems() {}

  static SlipwayException allMissing(String column, int rows) {
    return new SlipwayException(
        Exit.INPUT,
        "data.column-all-missing",
        String.format(
            Locale.ROOT,
            "the column '%s' has no value in any of the %,d training rows",
            column,
            rows),
        "leave it out of the inputs, or give it missing: { constant: … }");
  }

  static SlipwayException missingValue(String column) {
    return new SlipwayException(
        Exit.INPUT,
        "data.value-missing",
        "the column '"
            + column
            + "' has no value, and its rows without one were left out in training",
        "give it a value, or train with another choice for missing values");
  }
}
