package dev.slipway.data.table;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The values of one column, a row each. The arrays are the column's own: not to be changed. */
public sealed interface Column {
  String name();

  int size();

  /** How many rows have no value. */
  int missing();

  /** A value as text, null where there is none. */
  @Nullable String text(int row);

  /**
   * Numbers.
   *
   * @param values NaN where missing
   */
  record Numbers(String name, double[] values) implements Column {
    @Override
    public int size() {
      return values.length;
    }

    @Override
    public int missing() {
      return (int) Arrays.stream(values).filter(Double::isNaN).count();
    }

    /** Whole numbers without a fraction, as people write ids. */
    @Override
    public @Nullable String text(int row) {
      double value = values[row];
      if (Double.isNaN(value)) {
        return null;
      }
      return value == Math.rint(value) && Math.abs(value) < 1e15
          ? Long.toString((long) value)
          : Double.toString(value);
    }
  }

  /**
   * Words that come again and again.
   *
   * @param codes index into the levels, −1 where missing
   * @param levels in the order in which they first come
   */
  record Categories(String name, int[] codes, List<String> levels) implements Column {
    public static final int MISSING = -1;

    public Categories {
      levels = List.copyOf(levels);
    }

    @Override
    public int size() {
      return codes.length;
    }

    @Override
    public int missing() {
      return (int) Arrays.stream(codes).filter(code -> code == MISSING).count();
    }

    @Override
    public @Nullable String text(int row) {
      return codes[row] == MISSING ? null : levels.get(codes[row]);
    }
  }

  /**
   * Texts.
   *
   * @param values null where missing
   */
  record Texts(String name, @Nullable String[] values) implements Column {
    @Override
    public int size() {
      return values.length;
    }

    @Override
    public int missing() {
      return (int) Arrays.stream(values).filter(Objects::isNull).count();
    }

    @Override
    public @Nullable String text(int row) {
      return values[row];
    }
  }
}
