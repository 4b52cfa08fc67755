package dev.slipway.tensor.kernel.infer;

import dev.slipway.tensor.kernel.Lanes;
import dev.slipway.tensor.kernel.Team;
import dev.slipway.tensor.machine.Assembler;
import dev.slipway.tensor.machine.MachineCode;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Products of rows by a {@link CompactPanel}, by machine code alone; the same bits as by {@link
 * Tiles} from the panel in whole.
 */
final class CompactTiles {
  /** What the code is told of a panel. */
  private static final int TOLD_BYTES = 64;

  private static final int MOST = TileCode.COMPACT_ROWS;

  /** Tiles that read a panel as it is no later than they would read it in whole. */
  private static final int FEW = 4;

  private static final class Chosen {
    static final @Nullable CompactTiles TILES = choose();
  }

  /** By their rows; what follows fetches the next panel, or keeps this one. */
  private final MethodHandle[] tiles;

  private final MethodHandle[] fetching;
  private final MethodHandle keeping;

  /** Of kept panels, by their rows. */
  private final MethodHandle[] wholeFetching;

  private final Tiles whole;

  private CompactTiles(
      MethodHandle[] tiles,
      MethodHandle[] fetching,
      MethodHandle keeping,
      MethodHandle[] wholeFetching,
      Tiles whole) {
    this.tiles = tiles;
    this.fetching = fetching;
    this.keeping = keeping;
    this.wholeFetching = wholeFetching;
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
    MethodHandle[] tiles = byRows(MOST, rows -> TileCode.compact(rows, false, false));
    MethodHandle[] fetching = byRows(MOST, rows -> TileCode.compact(rows, false, true));
    MethodHandle keeping = MachineCode.map(TileCode.compact(MOST, true, false));
    MethodHandle[] wholeFetching =
        byRows(TileCode.ROWS, rows -> TileCode.floats(Assembler.Op.DOT_BFLOAT16, rows, true));
    return tiles == null || fetching == null || keeping == null || wholeFetching == null
        ? null
        : new CompactTiles(tiles, fetching, keeping, wholeFetching, whole);
  }

  private static MethodHandle @Nullable [] byRows(int most, IntFunction<byte[]> code) {
    MethodHandle[] handles = new MethodHandle[most + 1];
    for (int rows = 1; rows <= most; rows++) {
      MethodHandle handle = MachineCode.map(code.apply(rows));
      if (handle == null) {
        return null;
      }
      handles[rows] = handle;
    }
    return handles;
  }

  /**
   * {@code y = x W^T} of rows. Of many the first ones leave the panel in whole in the second cache
   * for the others; all but the first tile fetch the next panel meanwhile.
   *
   * @param next where this thread likely goes on, a panel of the same width; 0 for nowhere
   */
  void run(
      long x,
      long xStride,
      long panel,
      int rounds,
      long y,
      long yStride,
      int rows,
      long next,
      Team.Worker worker) {
    boolean keeps = rows > FEW * MOST;
    long wholeBytes = keeps ? (long) rounds * TileCode.UNROLLED * 4 * PackedLinear.PANEL : 0;
    long told = worker.panel(TOLD_BYTES + wholeBytes);
    long kept = told + TOLD_BYTES;
    tell(told, panel, kept);
    int count = keeps ? 1 : (rows + MOST - 1) / MOST;
    int first = keeps ? MOST : Team.from(1, count, rows);
    MachineCode.call(keeps ? keeping : tiles[first], x, xStride, told, rounds, y, yStride);
    MethodHandle[] others = keeps ? wholeFetching : fetching;
    int most = others.length - 1;
    int left = rows - first;
    int further = (left + most - 1) / most;
    long end = next == 0 ? 0 : next + CompactPanel.bytes(rounds);
    long at = next;
    for (int tile = 0; tile < further && (at < end || !keeps); tile++) {
      int from = rows - left;
      int size = (left + further - tile - 1) / (further - tile);
      tell(told, keeps ? kept : panel, at < end ? at : panel);
      MachineCode.call(
          others[size], x + from * xStride, xStride, told, rounds, y + from * yStride, yStride);
      at += (long) rounds * TileCode.FETCHED;
      left -= size;
    }
    int from = rows - left;
    whole.run(x + from * xStride, xStride, kept, rounds, y + from * yStride, yStride, left);
  }

  private static void tell(long told, long first, long second) {
    Lanes.MEMORY.set(ValueLayout.JAVA_LONG, told, first);
    Lanes.MEMORY.set(ValueLayout.JAVA_LONG, told + 8, second);
  }
}
