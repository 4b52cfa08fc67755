package dev.slipway.tensor.kernel.infer;

import dev.slipway.tensor.DType;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.tensor.kernel.Buffer;
import dev.slipway.tensor.kernel.Row;
import java.lang.foreign.Arena;

/** A table whose rows are looked up for answering, in a copy of its own. */
public final class EmbeddingRows {
  private final Buffer table;
  private final int width;

  /**
   * @param table (V, C), read now; kept in its type, of float16 in float32
   */
  public EmbeddingRows(Arena arena, Tensor table) {
    width = Math.toIntExact(table.size(1));
    DType type = table.dtype() == DType.BFLOAT16 ? DType.BFLOAT16 : DType.FLOAT32;
    this.table = Buffer.allocate(arena, type, table.size(0) * width);
    try (Scope _ = Scope.open();
        NoGrad _ = NoGrad.open()) {
      Tensor whole = table.to(type);
      this.table.slice(0, table.size(0) * width).memory().copyFrom(whole.segment());
    }
  }

  /**
   * @param x float32 rows, {@link Operand#padded} apart, with zeros behind each
   */
  public void look(int[] ids, Buffer x) {
    int padded = Operand.padded(width);
    long to = x.floats((long) ids.length * padded);
    for (int row = 0; row < ids.length; row++) {
      long from =
          table.address((ids[row] + 1L) * width) + (long) ids[row] * width * table.dtype().bytes();
      long at = to + 4L * padded * row;
      if (table.half()) {
        RowTiles.common().widen(from, at, width);
      } else {
        Row.copyExact(from, at, width);
      }
      Row.fill(at, width, padded, 0);
    }
  }
}
