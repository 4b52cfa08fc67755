package dev.slipway.tensor.kernel;

import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * Products of rows by a {@link CompactPanel}, by machine code alone; the same bits as by {@link
 * Tiles} from the panel in whole.
 */
final class CompactTiles {
  /** What the code is told of a panel. */
  private static final int TOLD_BYTES = 64;

  private static final class Chosen {
    static final @Nullable CompactTiles TILES = choose();
  }

  /** By their rows. */
  private final MethodHandle[] tiles;

  private final MethodHandle keeping;
  private final Tiles whole;

  private CompactTiles(MethodHandle[] tiles, MethodHandle keeping, Tiles whole) {
    this.tiles = tiles;
    this.keeping = keeping;
    this.whole = whole;
  }

  /** Null where this machine has no code for them. */
  static @Nullable CompactTiles common() {
    return Chosen.TILES;
  }

  private static @Nullable CompactTiles choose() {
    Tiles whole = MachineCode.has("avx512bw") ? Tiles.machine(WeightFormat.BFLOAT16) : null;
    if (whole == null) {
      return null;
    }
    MethodHandle[] tiles = new MethodHandle[TileCode.COMPACT_ROWS + 1];
    for (int rows = 1; rows < tiles.length; rows++) {
      MethodHandle tile = MachineCode.map(TileCode.compact(rows, false));
      if (tile == null) {
        return null;
      }
      tiles[rows] = tile;
    }
    MethodHandle keeping = MachineCode.map(TileCode.compact(TileCode.COMPACT_ROWS, true));
    return keeping == null ? null : new CompactTiles(tiles, keeping, whole);
  }

  /**
   * {@code y = x W^T} of rows. Of many the first ones leave the panel in whole in the second cache
   * for the others.
   */
  void run(
      long x,
      long xStride,
      long panel,
      int rounds,
      long y,
      long yStride,
      int rows,
      Team.Worker worker) {
    int first = Math.min(rows, TileCode.COMPACT_ROWS);
    boolean keeps = rows > first;
    long wholeBytes = keeps ? (long) rounds * TileCode.UNROLLED * 4 * PackedLinear.PANEL : 0;
    long told = worker.panel(TOLD_BYTES + wholeBytes);
    long kept = told + TOLD_BYTES;
    Lanes.MEMORY.set(ValueLayout.JAVA_LONG, told, panel);
    Lanes.MEMORY.set(ValueLayout.JAVA_LONG, told + 8, kept);
    try {
      if (!keeps) {
        tiles[first].invokeExact(x, xStride, told, (long) rounds, y, yStride);
        return;
      }
      keeping.invokeExact(x, xStride, told, (long) rounds, y, yStride);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("a tile failed", e);
    }
    whole.run(
        x + first * xStride, xStride, kept, rounds, y + first * yStride, yStride, rows - first);
  }
}
