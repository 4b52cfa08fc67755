package dev.slipway.tensor.kernel.infer;

import dev.slipway.tensor.kernel.Row;
import dev.slipway.tensor.kernel.Team;
import dev.slipway.tensor.machine.Assembler;
import dev.slipway.tensor.machine.MachineCode;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * Products of rows by one panel of weights, by machine code where the processor and the system take
 * it, else by the Vector API. Both give the same bits.
 */
abstract class Tiles {
  /**
   * {@code y = x W^T} of rows.
   *
   * @param rounds of {@link TileCode}'s loop
   */
  abstract void run(long x, long xStride, long panel, int rounds, long y, long yStride, int rows);

  private static final class Chosen {
    static final Tiles[] OF = new Tiles[WeightFormat.values().length];

    static {
      for (WeightFormat format : WeightFormat.values()) {
        Tiles machine = machine(format);
        OF[format.ordinal()] = machine == null ? vectors(format) : machine;
      }
    }
  }

  /** What this machine computes a format by. */
  static Tiles of(WeightFormat format) {
    return Chosen.OF[format.ordinal()];
  }

  /** By the Vector API. */
  static Tiles vectors(WeightFormat format) {
    return new Vectors(format);
  }

  /** By machine code; null where there is none for this machine. */
  static @Nullable Tiles machine(WeightFormat format) {
    boolean able =
        switch (format) {
          case FLOAT32 -> MachineCode.has("avx512f");
          case BFLOAT16 -> MachineCode.has("avx512f", "avx512_bf16");
          case INT8, INT4 -> MachineCode.has("avx512f", "avx512bw", "avx512_vnni");
        };
    if (!able) {
      return null;
    }
    int most = format.isInteger() ? TileCode.BYTE_ROWS : TileCode.ROWS;
    MethodHandle[] tiles = new MethodHandle[most + 1];
    for (int rows = 1; rows <= most; rows++) {
      byte[] code =
          switch (format) {
            case FLOAT32 -> TileCode.floats(Assembler.Op.FMA, rows);
            case BFLOAT16 -> TileCode.floats(Assembler.Op.DOT_BFLOAT16, rows);
            case INT8 -> TileCode.bytes(rows, false);
            case INT4 -> TileCode.bytes(rows, true);
          };
      MethodHandle tile = MachineCode.map(code);
      if (tile == null) {
        return null;
      }
      tiles[rows] = tile;
    }
    return new Machine(tiles);
  }

  private static final class Machine extends Tiles {
    /** By their rows. */
    private final MethodHandle[] tiles;

    Machine(MethodHandle[] tiles) {
      this.tiles = tiles;
    }

    @Override
    void run(long x, long xStride, long panel, int rounds, long y, long yStride, int rows) {
      int count = (rows + tiles.length - 2) / (tiles.length - 1);
      for (int tile = 0; tile < count; tile++) {
        int from = Team.from(tile, count, rows);
        int size = Team.from(tile + 1, count, rows) - from;
        MachineCode.call(
            tiles[size], x + from * xStride, xStride, panel, rounds, y + from * yStride, yStride);
      }
    }
  }

  private static final class Vectors extends Tiles {
    private final WeightFormat format;

    Vectors(WeightFormat format) {
      this.format = format;
    }

    @Override
    void run(long x, long xStride, long panel, int rounds, long y, long yStride, int rows) {
      for (int row = 0; row < rows; row++) {
        long from = x + row * xStride;
        long to = y + row * yStride;
        switch (format) {
          case FLOAT32 -> RowPanel.floats(from, panel, (long) rounds * TileCode.UNROLLED, to);
          case BFLOAT16 -> RowPanel.halves(from, panel, (long) rounds * TileCode.UNROLLED, to);
          case INT8 -> bytes(from, panel, rounds, to);
          case INT4 -> halfBytes(from, panel, rounds, to);
        }
      }
    }

    private static void bytes(long x, long panel, int groups, long y) {
      Row.zero(y, 4L * PackedLinear.PANEL);
      long size = (long) Operand.GROUP * PackedLinear.PANEL;
      for (int group = 0; group < groups; group++) {
        RowPanel.bytes(x + (long) Operand.GROUP_BYTES * group, panel + size * group, y);
      }
      RowPanel.multiply(y, panel + size * groups);
    }

    private static void halfBytes(long x, long panel, int groups, long y) {
      Row.zero(y, 4L * PackedLinear.PANEL);
      long size = (long) Operand.GROUP * PackedLinear.PANEL / 2 + 4L * PackedLinear.PANEL;
      for (int group = 0; group < groups; group++) {
        RowPanel.halfBytes(x + (long) Operand.GROUP_BYTES * group, panel + size * group, y);
      }
    }
  }
}
