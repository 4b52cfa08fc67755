package dev.slipway.eval.yardstick;

import java.util.List;

/**
 * What yardsticks see of examples: plain texts, columns of a table or pictures, one entry an
 * example. Training and test examples come as the same kind, columns in the same order.
 */
public sealed interface Features {
  /** Number of examples. */
  int size();

  /** One text an example. */
  record Texts(List<String> texts) implements Features {
    public Texts {
      texts = List.copyOf(texts);
    }

    @Override
    public int size() {
      return texts.size();
    }
  }

  /** Columns of a table, each with a value for every example. */
  record Columns(List<Column> columns) implements Features {
    public Columns {
      columns = List.copyOf(columns);
      if (columns.isEmpty()) {
        throw new IllegalArgumentException("no column came, expected one or more");
      }
      for (Column column : columns) {
        if (column.size() != columns.getFirst().size()) {
          throw new IllegalArgumentException(
              column.name()
                  + " has "
                  + column.size()
                  + " values, expected "
                  + columns.getFirst().size());
        }
      }
    }

    @Override
    public int size() {
      return columns.getFirst().size();
    }
  }

  /** One column. */
  sealed interface Column {
    String name();

    int size();

    /** Numbers; NaN where one is missing. */
    record Numbers(String name, double[] values) implements Column {
      @Override
      public int size() {
        return values.length;
      }
    }

    /** Categories by number from 0; −1 where one is missing or was never seen in training. */
    record Categories(String name, int[] codes) implements Column {
      @Override
      public int size() {
        return codes.length;
      }
    }
  }

  /**
   * Pictures, or spectrograms, of one size.
   *
   * @param values of each example, {@code [height][width][channels]} one after the other
   */
  record Pictures(int height, int width, int channels, float[][] values) implements Features {
    public Pictures {
      for (float[] picture : values) {
        if (picture.length != height * width * channels) {
          throw new IllegalArgumentException(
              "a picture of "
                  + picture.length
                  + " values came, expected "
                  + height
                  + " × "
                  + width
                  + " × "
                  + channels);
        }
      }
    }

    @Override
    public int size() {
      return values.length;
    }
  }
}
