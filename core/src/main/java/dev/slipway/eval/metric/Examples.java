package dev.slipway.eval.metric;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;

/** What every metric asks of its arrays: as many of each, at least one, finite, in range. */
public final class Examples {
  private Examples() {}

  /** The number of examples that all columns have. */
  public static int count(String first, int rows, String second, int others) {
    if (rows != others) {
      throw new SlipwayException(
          Exit.INPUT,
          "eval.lengths-differ",
          rows + " of " + first + " and " + others + " of " + second + " came, expected as many",
          "give one of each for every example");
    }
    return some(rows);
  }

  public static int some(int rows) {
    if (rows == 0) {
      throw new SlipwayException(
          Exit.INPUT,
          "eval.no-examples",
          "0 examples came, expected at least one",
          "give predictions to measure");
    }
    return rows;
  }

  public static void finite(String what, double[] values) {
    for (int row = 0; row < values.length; row++) {
      if (!Double.isFinite(values[row])) {
        throw notFinite(what, row, values[row]);
      }
    }
  }

  public static SlipwayException notFinite(String what, int row, double value) {
    return new SlipwayException(
        Exit.INPUT,
        "eval.not-finite",
        what + " of example " + (row + 1) + " is " + value + ", expected a finite number",
        "predict it again, or leave the example out and say so");
  }

  /** Class indices from 0 up to, not including, {@code classes}. */
  public static void classes(String what, int[] values, int classes) {
    for (int row = 0; row < values.length; row++) {
      if (values[row] < 0 || values[row] >= classes) {
        throw notAClass(what, row, values[row], classes);
      }
    }
  }

  public static SlipwayException notAClass(String what, int row, int value, int classes) {
    return new SlipwayException(
        Exit.INPUT,
        "eval.not-a-class",
        what
            + " of example "
            + (row + 1)
            + " is class "
            + value
            + ", expected 0 to "
            + (classes - 1),
        "number the classes from 0, and name them all");
  }

  public static SlipwayException notAProbability(String what, int row, double value) {
    return Double.isFinite(value)
        ? new SlipwayException(
            Exit.INPUT,
            "eval.not-a-probability",
            what + " of example " + (row + 1) + " is " + value + ", expected 0 to 1",
            "apply the softmax or sigmoid, or ask for metrics of scores alone")
        : notFinite(what, row, value);
  }
}
