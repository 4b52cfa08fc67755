package dev.slipway.tensor.kernel.infer;

import dev.slipway.tensor.DType;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.tensor.kernel.Buffer;
import dev.slipway.tensor.kernel.Row;
import dev.slipway.tensor.kernel.Rows;
import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;

/** RMS norm of a residual stream for answering: {@code x / √(mean(x²) + ε) w}. */
public final class DecodeNorm {
  private final Buffer weight;
  private final int width;
  private final double epsilon;
  private final RowTiles loops = RowTiles.common();

  /**
   * @param weight (C), read now
   */
  public DecodeNorm(Arena arena, Tensor weight, double epsilon) {
    this.weight = vector(arena, weight);
    this.width = Math.toIntExact(weight.size(0));
    this.epsilon = epsilon;
  }

  /** A vector in float32, filled up with zeros. */
  static Buffer vector(Arena arena, Tensor values) {
    Buffer buffer =
        Buffer.allocate(arena, DType.FLOAT32, Operand.padded(Math.toIntExact(values.size(0))));
    try (Scope _ = Scope.open();
        NoGrad _ = NoGrad.open()) {
      Tensor whole = values.to(DType.FLOAT32);
      buffer.slice(0, values.size(0)).memory().copyFrom(whole.segment());
    }
    return buffer;
  }

  /**
   * Adds to the stream what the last part gave, and norms it.
   *
   * @param x rows of float32, {@link Operand#padded} apart, with zeros behind each
   * @param added rows that are added to x, {@code addedStride} apart; null for none
   * @param selected which rows of x are normed, one after the other; null for all
   * @param y the normed rows
   */
  public void apply(
      Buffer x,
      @Nullable Buffer added,
      int addedStride,
      int @Nullable [] selected,
      int rows,
      Operand y) {
    int padded = Operand.padded(width);
    long from = x.floats((long) padded * (selected == null ? rows : 1));
    long more = added == null ? 0 : added.floats((long) addedStride * rows);
    long w = weight.floats(padded);
    Rows.run(
        rows,
        (row, worker) -> {
          long scratch = worker.scratch(padded + 64L);
          long at = from + 4L * padded * (selected == null ? row : selected[row]);
          if (more != 0) {
            accumulate(at, more + 4L * addedStride * row);
          }
          float squares = loops.squares(at, padded, scratch + 4L * padded);
          float rstd = (float) (1 / Math.sqrt((double) squares / width + epsilon));
          loops.rms(at, rstd, w, scratch, padded, scratch + 4L * padded);
          y.put(row, scratch);
        });
  }

  /** Adds rows to the stream, the same shapes as in {@link #apply}. */
  public void add(Buffer x, Buffer added, int addedStride, int rows) {
    int padded = Operand.padded(width);
    long from = x.floats((long) padded * rows);
    long more = added.floats((long) addedStride * rows);
    Rows.run(
        rows, (row, worker) -> accumulate(from + 4L * padded * row, more + 4L * addedStride * row));
  }

  private void accumulate(long x, long more) {
    if (width % RowTiles.LANES == 0) {
      loops.accumulate(x, more, width);
    } else {
      Row.accumulateExact(more, x, width);
    }
  }

  Buffer weight() {
    return weight;
  }

  double epsilon() {
    return epsilon;
  }
}
