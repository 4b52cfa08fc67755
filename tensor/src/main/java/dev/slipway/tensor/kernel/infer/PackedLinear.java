package dev.slipway.tensor.kernel.infer;

import dev.slipway.tensor.DType;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.tensor.kernel.Buffer;
import dev.slipway.tensor.kernel.Lanes;
import dev.slipway.tensor.kernel.Pages;
import dev.slipway.tensor.kernel.Row;
import dev.slipway.tensor.kernel.Rows;
import dev.slipway.tensor.kernel.Team;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Linear maps of the same input side by side, {@code y = x W^T}, for answering: weights are packed
 * once, in panels of {@value #PANEL} outputs that are read from beginning to end. An output's sum
 * runs over k in its order, whatever else is computed: a row's result has the same bits in any
 * batch, and by machine code ({@link TileCode}) as by the Vector API ({@link RowPanel}).
 *
 * <p>A panel is, for each 4 bytes of a row of x (one float32, two bfloat16, four bytes), those of
 * its outputs: the order in which AVX-512's products of pairs and of bytes take them.
 */
public final class PackedLinear {
  /** Outputs of a panel. */
  public static final int PANEL = 64;

  /** Numbers of half a byte are -8 to 7. */
  private static final int MOST_HALF = 7;

  private static final int MOST = 127;

  /** Bytes between rows that are about to be packed, so that they don't share places of a cache. */
  private static final int APART = 64;

  private final WeightFormat format;
  private final int in;
  private final int[] starts;
  private final int stride;
  private final int rounds;
  private final long panelBytes;

  /** Where each panel is. */
  private final long[] memory;

  /** Which panels are {@link CompactPanel}s; null where none may be. */
  private final boolean @Nullable [] compact;

  private final long bytes;
  private final @Nullable Buffer bias;

  /**
   * Packs weights.
   *
   * @param weights (out, in) each, float32, bfloat16 or float16; read now, and not kept
   * @param biases (out) each; empty where there are none; all or none
   */
  public PackedLinear(Arena arena, WeightFormat format, List<Tensor> weights, List<Tensor> biases) {
    this(arena, null, format, weights, biases);
  }

  /**
   * As above, with room beside other weights, and in less of it where that loses nothing: panels of
   * bfloat16 as {@link CompactPanel}s.
   */
  public PackedLinear(
      WeightMemory room, WeightFormat format, List<Tensor> weights, List<Tensor> biases) {
    this(room.arena(), room, format, weights, biases);
  }

  private PackedLinear(
      Arena arena,
      @Nullable WeightMemory room,
      WeightFormat format,
      List<Tensor> weights,
      List<Tensor> biases) {
    this.format = format;
    in = Math.toIntExact(weights.getFirst().size(1));
    starts = new int[weights.size()];
    int total = 0;
    for (int i = 0; i < starts.length; i++) {
      starts[i] = total;
      total += (Math.toIntExact(weights.get(i).size(0)) + PANEL - 1) / PANEL * PANEL;
    }
    stride = total;
    int width = Operand.padded(in);
    rounds =
        format.isInteger()
            ? width / Operand.GROUP
            : width * format.operandBytes() / 4 / TileCode.UNROLLED;
    panelBytes =
        switch (format) {
          case FLOAT32, BFLOAT16 -> (long) width * format.operandBytes() * PANEL;
          case INT8 -> (long) width * PANEL + 4L * PANEL;
          case INT4 -> (long) width * PANEL / 2 + 4L * PANEL * (width / Operand.GROUP);
        };
    memory = new long[panels()];
    boolean small =
        room != null && format == WeightFormat.BFLOAT16 && CompactTiles.common() != null;
    compact = small ? new boolean[panels()] : null;
    if (!small) {
      long whole = panelBytes * panels();
      long first = room == null ? Pages.allocate(arena, whole).address() : room.take(whole);
      Arrays.setAll(memory, panel -> first + panel * panelBytes);
    }
    for (int i = 0; i < starts.length; i++) {
      pack(weights.get(i), starts[i] / PANEL, room);
    }
    int compacted = compact == null ? 0 : count(compact);
    bytes = (panels() - compacted) * panelBytes + compacted * CompactPanel.bytes(rounds);
    bias = biases.isEmpty() ? null : joined(arena, biases);
  }

  private static int count(boolean[] flags) {
    int count = 0;
    for (boolean flag : flags) {
      count += flag ? 1 : 0;
    }
    return count;
  }

  private Buffer joined(Arena arena, List<Tensor> biases) {
    Buffer joined = Buffer.allocate(arena, DType.FLOAT32, stride);
    try (Scope _ = Scope.open();
        NoGrad _ = NoGrad.open()) {
      for (int i = 0; i < starts.length; i++) {
        Tensor values = biases.get(i).to(DType.FLOAT32);
        joined.slice(starts[i], values.size(0)).memory().copyFrom(values.segment());
      }
    }
    return joined;
  }

  public int in() {
    return in;
  }

  /** Where a map's outputs begin in a row: each begins a panel. */
  public int start(int map) {
    return starts[map];
  }

  /** Memory that the weights take. */
  public long bytes() {
    return bytes;
  }

  int panels() {
    return stride / PANEL;
  }

  /** How far rows of outputs lie apart: whole panels. */
  public int stride() {
    return stride;
  }

  WeightFormat format() {
    return format;
  }

  // ---- packing ----

  private void pack(Tensor weight, int firstPanel, @Nullable WeightMemory room) {
    try (Scope _ = Scope.open();
        NoGrad _ = NoGrad.open()) {
      boolean known = weight.dtype() == DType.FLOAT32 || weight.dtype() == DType.BFLOAT16;
      Tensor values = known ? weight : weight.to(DType.FLOAT32);
      Tensor whole = values.isContiguous() ? values : values.copy();
      Buffer source = Buffer.of(whole);
      int count = Math.toIntExact(weight.size(0));
      Rows.pieces(
          (count + PANEL - 1) / PANEL,
          (piece, worker) -> {
            int panel = firstPanel + piece;
            if (compact == null || room == null) {
              packPanel(source, count, PANEL * piece, memory[panel], worker);
            } else {
              long first = worker.panel(panelBytes + CompactPanel.bytes(rounds));
              packPanel(source, count, PANEL * piece, first, worker);
              compact[panel] = CompactPanel.pack(first, rounds, first + panelBytes, worker);
              long bytes = compact[panel] ? CompactPanel.bytes(rounds) : panelBytes;
              memory[panel] = room.take(bytes);
              long from = compact[panel] ? first + panelBytes : first;
              MemorySegment.copy(Lanes.MEMORY, from, Lanes.MEMORY, memory[panel], bytes);
            }
          });
    }
  }

  /**
   * @param row the first of the panel's rows in the source
   */
  private void packPanel(Buffer source, int rows, int row, long to, Team.Worker worker) {
    int width = Operand.padded(in);
    long rowBytes = (long) width * format.operandBytes();
    long stride = rowBytes + APART;
    long packed = worker.scratch(PANEL * stride / 4 + width + 2L * Operand.GROUP);
    long values = packed + PANEL * stride;
    long from = source.address((long) rows * in) + (long) row * in * source.dtype().bytes();
    int count = Math.min(PANEL, rows - row);
    if (format.dtype() == source.dtype()) {
      copyRows(from, (long) in * source.dtype().bytes(), count, packed, stride);
    } else {
      for (int o = 0; o < PANEL; o++) {
        if (o >= count) {
          Row.fill(values, 0, width, 0);
        } else {
          long at = from + (long) o * in * source.dtype().bytes();
          if (source.half()) {
            Row.widenExact(at, values, in);
          } else {
            Row.copyExact(at, values, in);
          }
          Row.fill(values, in, width, 0);
        }
        convert(values, o, packed + o * stride, to);
      }
    }
    switch (format) {
      case FLOAT32, BFLOAT16, INT8 -> PackTiles.transpose(packed, stride, to, rowBytes / 4);
      case INT4 -> {
        for (int group = 0; group < width / Operand.GROUP; group++) {
          RowPanel.transposeHalf(
              packed + (long) Operand.GROUP * group,
              stride,
              halfGroup(to, group),
              Operand.GROUP / 4);
        }
      }
    }
  }

  /**
   * Rows as they are, which takes no loop of ours: most models come in the type that they run in.
   */
  private static void copyRows(long from, long bytes, int count, long packed, long stride) {
    Lanes.MEMORY.asSlice(packed, PANEL * stride).fill((byte) 0);
    for (int o = 0; o < count; o++) {
      MemorySegment.copy(Lanes.MEMORY, from + o * bytes, Lanes.MEMORY, packed + o * stride, bytes);
    }
  }

  /** A row of float32 in the weights' format, and its scales where they are kept in the panel. */
  private void convert(long values, int o, long target, long panel) {
    int width = Operand.padded(in);
    switch (format) {
      case FLOAT32 -> Row.copyExact(values, target, width);
      case BFLOAT16 -> Row.narrow(values, target, width);
      case INT8 -> {
        float largest = RowPanel.largest(values, target, width);
        RowPanel.quantise(values, largest == 0 ? 0 : MOST / largest, target, width);
        RowPack.shift(target, width, format.zero());
        Lanes.set(panel + (long) width * PANEL, o, largest / MOST);
      }
      case INT4 -> {
        for (int group = 0; group < width / Operand.GROUP; group++) {
          long part = values + 4L * Operand.GROUP * group;
          float largest = RowPanel.largest(part, values + 4L * width, Operand.GROUP);
          float factor = largest == 0 ? 0 : MOST_HALF / largest;
          long groupTarget = target + (long) Operand.GROUP * group;
          RowPanel.quantise(part, factor, groupTarget, Operand.GROUP);
          Lanes.set(halfScales(panel, group), o, largest / MOST_HALF);
        }
        RowPack.shift(target, width, format.zero());
      }
    }
  }

  private static long halfGroup(long panel, int group) {
    return panel + (long) group * (Operand.GROUP * PANEL / 2 + 4 * PANEL);
  }

  private static long halfScales(long panel, int group) {
    return halfGroup(panel, group) + (long) Operand.GROUP * PANEL / 2;
  }

  // ---- products ----

  /**
   * {@code y = x W^T + b}.
   *
   * @param y float32 rows, {@link #stride} apart
   */
  public void apply(Operand x, int rows, Buffer y) {
    apply(x, rows, y, null);
  }

  /**
   * As above, with what adapters add to some of the rows.
   *
   * @param added packed beside this product alone; null for nothing
   */
  public void apply(Operand x, int rows, Buffer y, LowRank.@Nullable Added added) {
    check(x);
    long to = y.floats((long) rows * stride());
    Rows.each(
        panels(),
        (panel, worker) -> {
          long at = to + 4L * PANEL * panel;
          panel(x, rows, panel, at, 4L * stride(), address(panel + ahead()), worker);
          if (added != null) {
            added.add(0, panel, at, 4L * stride(), worker.scratch((long) rows * PANEL));
          }
        });
  }

  void check(Operand x) {
    if (x.width() != in
        || x.format().isInteger() != format.isInteger()
        || (format.isInteger() ? x.format().zero() != format.zero() : x.format() != format)) {
      throw new IllegalArgumentException(
          format
              + " weights of "
              + in
              + " inputs met an operand of "
              + x.width()
              + " in "
              + x.format());
    }
  }

  /** How many panels further a thread likely goes on when it has done one. */
  static int ahead() {
    return Team.common().workers();
  }

  /** Where a panel is; 0 where there is none. */
  long address(int panel) {
    return panel < memory.length ? memory[panel] : 0;
  }

  /**
   * One panel's outputs of rows, with the bias.
   *
   * @param next the panel that this thread likely goes on with, of the same width; 0 for none
   */
  void panel(Operand x, int rows, int panel, long y, long yStride, long next, Team.Worker worker) {
    CompactTiles tiles = compact != null && compact[panel] ? CompactTiles.common() : null;
    if (tiles == null) {
      panel(Tiles.of(format), x, 0, rows, panel, y, yStride);
    } else {
      tiles.run(x.row(0), x.stride(), memory[panel], rounds, y, yStride, rows, next, worker);
      addBias(rows, panel, y, yStride);
    }
  }

  /** As above, of a panel in whole by given tiles, of the rows from {@code from} on. */
  void panel(Tiles tiles, Operand x, int from, int rows, int panel, long y, long yStride) {
    tiles.run(x.row(from), x.stride(), memory[panel], rounds, y, yStride, rows);
    addBias(rows, panel, y, yStride);
  }

  private void addBias(int rows, int panel, long y, long yStride) {
    if (bias != null) {
      long biases = bias.memory().address() + 4L * PANEL * panel;
      for (int row = 0; row < rows; row++) {
        Row.add(y + row * yStride, biases, y + row * yStride, PANEL);
      }
    }
  }
}
