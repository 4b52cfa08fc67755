package dev.slipway.eval.analysis;

import java.util.List;

/** What examples are parted by. */
public sealed interface SliceBy {
  String name();

  int size();

  /**
   * By category, such as a column's or the true class.
   *
   * @param names of the categories
   * @param of each example, index into {@code names}; −1 where it is missing
   */
  record Category(String name, List<String> names, int[] of) implements SliceBy {
    public Category {
      names = List.copyOf(names);
      of = of.clone();
    }

    @Override
    public int size() {
      return of.length;
    }
  }

  /**
   * By a number, such as a column's or the length of a text: four parts of about as many examples.
   *
   * @param values of each example, NaN where one is missing
   */
  record Number(String name, double[] values) implements SliceBy {
    public Number {
      values = values.clone();
    }

    @Override
    public int size() {
      return values.length;
    }
  }
}
