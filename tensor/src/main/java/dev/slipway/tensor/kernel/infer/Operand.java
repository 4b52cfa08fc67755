package dev.slipway.tensor.kernel.infer;

import dev.slipway.tensor.DType;
import dev.slipway.tensor.kernel.Buffer;
import dev.slipway.tensor.kernel.Row;
import dev.slipway.tensor.kernel.Rows;
import java.lang.foreign.Arena;

/**
 * Rows as a {@link PackedLinear} reads them: float32, bfloat16, or bytes with a scale for each
 * {@link #GROUP} values (Dettmers et al. 2022, "LLM.int8()", §2.1, by parts of rows). A row's
 * content depends on nothing but the row.
 */
public final class Operand {
  /** Values that are converted together; rows are filled up to whole groups with zeros. */
  static final int GROUP = 64;

  /** A group of bytes, what its sum begins with, and its scale. */
  static final int GROUP_BYTES = GROUP + 8;

  private final WeightFormat format;
  private final int width;
  private final long stride;
  private final long memory;
  private final RowTiles loops = RowTiles.common();

  public Operand(Arena arena, WeightFormat format, int rows, int width) {
    this.format = format;
    this.width = width;
    int groups = groups(width);
    stride =
        format.isInteger()
            ? groups * (long) GROUP_BYTES
            : groups * (long) GROUP * format.operandBytes();
    memory = Buffer.allocate(arena, DType.FLOAT32, rows * stride / 4 + 16).memory().address();
  }

  static int groups(int width) {
    return (width + GROUP - 1) / GROUP;
  }

  /** Values of a row with what it is filled up with. */
  public static int padded(int width) {
    return groups(width) * GROUP;
  }

  WeightFormat format() {
    return format;
  }

  int width() {
    return width;
  }

  long stride() {
    return stride;
  }

  long row(int row) {
    return memory + row * stride;
  }

  /** Converts a row of float32 that is filled up. */
  void put(int row, long values) {
    if (format == WeightFormat.BFLOAT16) {
      loops.narrow(values, row(row), padded(width));
      return;
    }
    for (int group = 0; group < groups(width); group++) {
      put(row, group, values + 4L * GROUP * group);
    }
  }

  /** Converts one group of a row. */
  void put(int row, int group, long values) {
    switch (format) {
      case FLOAT32 -> Row.copyExact(values, row(row) + 4L * GROUP * group, GROUP);
      case BFLOAT16 -> loops.narrow(values, row(row) + 2L * GROUP * group, GROUP);
      case INT8, INT4 -> {
        long to = row(row) + (long) GROUP_BYTES * group;
        float largest = RowPanel.largest(values, to, GROUP);
        float scale = largest / 127;
        RowPanel.quantise(values, largest == 0 ? 0 : 127 / largest, to, GROUP);
        RowPanel.start(to, format.zero(), scale);
      }
    }
  }

  /**
   * Converts rows.
   *
   * @param values float32 rows, {@code stride} apart, filled up to {@link #padded}
   */
  public void put(Buffer values, int stride, int rows) {
    long from = values.floats((long) rows * stride);
    Rows.run(rows, (row, worker) -> put(row, from + 4L * stride * row));
  }
}
