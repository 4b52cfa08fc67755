package dev.slipway.tensor.kernel.infer;

import dev.slipway.tensor.DType;
import dev.slipway.tensor.kernel.Buffer;
import dev.slipway.tensor.kernel.Lanes;
import dev.slipway.tensor.kernel.Pages;
import dev.slipway.tensor.kernel.Row;
import dev.slipway.tensor.kernel.RowFlat;
import dev.slipway.tensor.kernel.RowHeads;
import dev.slipway.tensor.kernel.Rows;
import dev.slipway.tensor.kernel.Team;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Attention of one layer over keys and values in blocks of {@value #BLOCK} positions (Kwon et al.
 * 2023, "PagedAttention", §4.1), which sequences find by tables. What a row gives depends on its
 * own sequence alone: sums run over its positions in their order.
 *
 * <p>In a block, 16 positions stand side by side for each dimension of a key, and the dimensions of
 * a value for each position, so that a vector holds 16 of either; of bfloat16 two neighbours in the
 * order of the sum share 32 bits, of bytes four. Keys and values in bytes have a scale for each
 * position and head: the largest magnitude by 127.
 */
public final class PagedAttention {
  /** Positions of a block. */
  public static final int BLOCK = 16;

  /**
   * @param heads H
   * @param keyValueHeads K
   * @param headDim D, an even number
   * @param scale of the products of queries and keys
   * @param window how many positions back a position sees, itself included; 0 sees all
   * @param queryNorm of each head of queries, before the rotation; null for none
   * @param keyNorm of each head of keys; null for none
   */
  public record Settings(
      int heads,
      int keyValueHeads,
      int headDim,
      double scale,
      int window,
      @Nullable DecodeNorm queryNorm,
      @Nullable DecodeNorm keyNorm) {}

  /** The longest sequence that keys and values in bytes are for. */
  public static final int LONGEST_IN_BYTES = ByteAttentionTiles.MOST_POSITIONS;

  private final Settings settings;
  private final boolean half;
  private final int padded;
  private final long headBytes;

  /** Null where keys and values are bytes. */
  private final @Nullable AttentionTiles tiles;

  /** Null where they are not. */
  private final @Nullable ByteAttentionTiles byteTiles;

  private final RowTiles loops = RowTiles.common();
  private final long bytes;
  private final long memory;

  /**
   * @param type of keys and values, FLOAT32, BFLOAT16 or INT8
   */
  public PagedAttention(Arena arena, DType type, Settings settings, int blocks) {
    this.settings = settings;
    half = type == DType.BFLOAT16;
    padded = padded(settings.headDim);
    headBytes = headBytes(settings.headDim, type);
    tiles = type == DType.INT8 ? null : AttentionTiles.of(half, padded);
    byteTiles = type == DType.INT8 ? ByteAttentionTiles.of(padded) : null;
    bytes = 2 * headBytes * settings.keyValueHeads * blocks;
    memory = Pages.allocate(arena, bytes).address();
  }

  private static int padded(int headDim) {
    return (headDim + BLOCK - 1) / BLOCK * BLOCK;
  }

  /** Keys, or values, of a block and head. */
  private static long headBytes(int headDim, DType type) {
    long scales = type == DType.INT8 ? 4L * BLOCK : 0;
    return (long) BLOCK * padded(headDim) * type.bytes() + scales;
  }

  /** Bytes of keys and values of a block. */
  public static long blockBytes(int keyValueHeads, int headDim, DType type) {
    return 2 * headBytes(headDim, type) * keyValueHeads;
  }

  /**
   * Has memory for blocks that have none yet. The system clears it when it is first touched, which
   * all threads do here, each a page of its own: of two that store into the same huge page both
   * would clear one, and one of them for nothing.
   *
   * @param layers of the same model
   * @param from the first block that has none
   * @param to the first one that is not needed
   * @return the first one that has none now
   */
  public static int provide(List<PagedAttention> layers, int from, int to) {
    PagedAttention one = layers.getFirst();
    long block = 2 * one.headBytes * one.settings.keyValueHeads;
    long first = from * block;
    long end = Math.min(one.bytes, (to * block + Pages.HUGE - 1) / Pages.HUGE * Pages.HUGE);
    int pages = (int) ((end - 1) / Pages.HUGE - first / Pages.HUGE) + 1;
    Rows.each(
        pages * layers.size(),
        (piece, worker) -> {
          long page = first / Pages.HUGE + piece % pages;
          long at = Math.max(first, page * Pages.HUGE);
          long last = Math.min(end, (page + 1) * Pages.HUGE);
          Pages.touch(layers.get(piece / pages).memory + at, last - at);
        });
    return (int) (end / block);
  }

  /**
   * Rows of a pass.
   *
   * @param positions of each row in its sequence
   * @param tables the blocks of each row's sequence
   * @param cosines of each row, (rows, D / 2) in float32
   * @param sines of each row
   */
  public record Batch(int rows, int[] positions, int[][] tables, Buffer cosines, Buffer sines) {}

  /**
   * Turns queries and keys by their positions, stores keys and values, and attends.
   *
   * @param projections rows of queries, keys and values in float32, {@code stride} apart
   * @param queries where a row's queries begin
   * @param keys where its keys begin
   * @param values where its values begin
   * @param selected the rows that attend, in their order; null for all
   * @param y one after the other, rows of mixtures (H D), {@code yStride} apart
   */
  public void apply(
      Batch batch,
      Buffer projections,
      int stride,
      int queries,
      int keys,
      int values,
      int @Nullable [] selected,
      Buffer y,
      int yStride) {
    int[] attending = selected == null ? IntStream.range(0, batch.rows).toArray() : selected;
    long rows = projections.floats((long) batch.rows * stride);
    long to = y.floats((long) attending.length * yStride);
    long cosines = batch.cosines.floats((long) batch.rows * settings.headDim / 2);
    long sines = batch.sines.floats((long) batch.rows * settings.headDim / 2);
    Rows.run(
        batch.rows,
        (row, worker) -> {
          long at = rows + 4L * stride * row;
          long angle = 2L * settings.headDim * row;
          store(batch, row, at, queries, keys, values, cosines + angle, sines + angle, worker);
        });
    List<Run> runs = runs(batch, attending);
    List<Piece> pieces = pieces(batch, runs);
    Rows.pieces(
        pieces.size(),
        (piece, worker) -> {
          Run run = pieces.get(piece).run;
          int head = pieces.get(piece).head;
          long place = (long) head * (settings.heads / settings.keyValueHeads) * settings.headDim;
          attend(
              batch,
              run,
              head,
              rows + 4L * (stride * (long) run.row + queries + place),
              4L * stride,
              to + 4L * (yStride * (long) run.to + place),
              4L * yStride,
              worker);
        });
  }

  /**
   * Rows that follow each other in a sequence and see the same blocks.
   *
   * @param to where the first one's mixture goes
   */
  private record Run(int row, int count, int to, int firstBlock, int blocks) {}

  private List<Run> runs(Batch batch, int[] rows) {
    int most = Math.max(1, AttentionTiles.QUERIES * settings.keyValueHeads / settings.heads);
    List<Run> runs = new ArrayList<>();
    for (int at = 0; at < rows.length; ) {
      int row = rows[at];
      int first = first(batch.positions[row]) / BLOCK;
      int last = batch.positions[row] / BLOCK;
      int end = at + 1;
      while (end < Math.min(rows.length, at + most)
          && rows[end] == row + end - at
          && batch.tables[rows[end]] == batch.tables[row]
          && batch.positions[rows[end]] / BLOCK == last
          && first(batch.positions[rows[end]]) / BLOCK == first) {
        end++;
      }
      runs.add(new Run(row, end - at, at, first, last + 1 - first));
      at = end;
    }
    return runs;
  }

  /** A head of a run. */
  private record Piece(Run run, int head) {}

  /** Runs of a sequence one after the other for each head, whose keys and values stay near. */
  private List<Piece> pieces(Batch batch, List<Run> runs) {
    List<Piece> pieces = new ArrayList<>();
    for (int from = 0; from < runs.size(); ) {
      int[] table = batch.tables[runs.get(from).row];
      int end = from + 1;
      while (end < runs.size() && batch.tables[runs.get(end).row] == table) {
        end++;
      }
      for (int head = 0; head < settings.keyValueHeads; head++) {
        for (Run run : runs.subList(from, end)) {
          pieces.add(new Piece(run, head));
        }
      }
      from = end;
    }
    return pieces;
  }

  /** The first position that one sees. */
  private int first(int position) {
    return settings.window > 0 ? Math.max(0, position + 1 - settings.window) : 0;
  }

  // ---- keys and values ----

  private void store(
      Batch batch,
      int row,
      long at,
      int queries,
      int keys,
      int values,
      long cosines,
      long sines,
      Team.Worker worker) {
    int d = settings.headDim;
    int wide = (settings.keyValueHeads * d + BLOCK - 1) / BLOCK * BLOCK;
    long scratch = worker.scratch(64 + 2L * (wide + BLOCK) + BLOCK);
    norm(settings.queryNorm, at + 4L * queries, settings.heads, scratch);
    loops.rotate(
        at + 4L * queries, cosines, sines, d / 2, settings.heads, (float) settings.scale, scratch);
    norm(settings.keyNorm, at + 4L * keys, settings.keyValueHeads, scratch);
    loops.rotate(at + 4L * keys, cosines, sines, d / 2, settings.keyValueHeads, 1, scratch);
    int position = batch.positions[row];
    long block = block(batch.tables[row][position / BLOCK]);
    int place = position % BLOCK;
    // Of both all heads are narrowed at once, and what lies between their ends and whole vectors.
    long filled = scratch + 4L * 64;
    long narrowKeys = filled + 4L * (wide + BLOCK);
    long narrowValues = narrowKeys + 2L * (wide + BLOCK);
    if (half) {
      narrow(at + 4L * keys, narrowKeys, filled, wide);
      narrow(at + 4L * values, narrowValues, filled, wide);
      loops.storeHalves(narrowKeys, narrowValues, block, place, settings.keyValueHeads, d, padded);
      return;
    }
    for (int head = 0; head < settings.keyValueHeads; head++) {
      long key = at + 4L * (keys + head * d);
      long keyTo = block + 2 * headBytes * head;
      long value = at + 4L * (values + head * d);
      if (byteTiles != null) {
        RowBytes.storeKey(key, keyTo, place, d, padded);
        RowBytes.storeValue(value, keyTo + headBytes, place, d, padded);
      } else {
        RowPaged.storeKey(key, keyTo, place, d);
        Row.copyExact(value, keyTo + headBytes + 4L * place * padded, d);
      }
    }
  }

  /** All heads of a row's keys, or values, in bfloat16. */
  private void narrow(long values, long to, long filled, int wide) {
    int count = settings.keyValueHeads * settings.headDim;
    long from = values;
    if (count != wide) {
      MemorySegment.copy(Lanes.MEMORY, values, Lanes.MEMORY, filled, 4L * count);
      from = filled;
    }
    loops.narrow(from, to, wide);
  }

  private void norm(@Nullable DecodeNorm norm, long heads, int count, long scratch) {
    if (norm == null) {
      return;
    }
    int d = settings.headDim;
    for (int i = 0; i < count; i++) {
      long head = heads + 4L * d * i;
      double squares = RowFlat.squares(head, d, scratch);
      float rstd = (float) (1 / Math.sqrt(squares / d + norm.epsilon()));
      RowHeads.rms(head, rstd, norm.weight().memory().address(), d);
    }
  }

  private long block(int number) {
    return memory + 2 * headBytes * settings.keyValueHeads * number;
  }

  // ---- mixing ----

  /** One head of keys and values, and the heads of queries that share it. */
  private void attend(
      Batch batch,
      Run run,
      int head,
      long queries,
      long queryStride,
      long y,
      long yStride,
      Team.Worker worker) {
    int d = settings.headDim;
    int positions = run.blocks * BLOCK;
    int most = AttentionTiles.QUERIES;
    long splitBytes = byteTiles == null ? 0 : RowBytes.splitBytes(positions);
    long floats = most * (positions + splitBytes / 4 + 2L * padded + RowBytes.HEADER / 4);
    long scratch = worker.scratch(2L * run.blocks + floats + 128);
    long addresses = scratch + 4L * RowTiles.SCRATCH;
    long scores = addresses + (8L * (run.blocks + 1) + 63) / 64 * 64;
    long narrowed = scores + 4L * positions * most;
    long mixtures = narrowed + (4L * padded + RowBytes.HEADER) * most;
    long shares = mixtures + 4L * padded * most;
    int[] table = batch.tables[run.row];
    for (int i = 0; i <= run.blocks; i++) {
      // There is one more, which is never read: what is fetched ahead needs an address.
      int block = table[run.firstBlock + Math.min(i, run.blocks - 1)];
      long at = block(block) + 2 * headBytes * head;
      Lanes.MEMORY.set(ValueLayout.JAVA_LONG, addresses + 8L * i, at);
    }
    int group = settings.heads / settings.keyValueHeads;
    int all = run.count * group;
    for (int from = 0; from < all; from += most) {
      int count = Math.min(most, all - from);
      for (int i = 0; i < count; i++) {
        int query = from + i;
        long own = queries + query / group * queryStride + 4L * d * (query % group);
        put(own, narrowed + queryBytes() * i, mixtures, scratch);
      }
      if (byteTiles != null) {
        byteTiles.scores(narrowed, count, addresses, run.blocks, scores, 4L * positions);
      } else {
        tiles().scores(narrowed, count, addresses, run.blocks, scores, 4L * positions);
      }
      for (int i = 0; i < count; i++) {
        int position = batch.positions[run.row + (from + i) / group];
        long row = scores + 4L * positions * i;
        int begin = first(position) - run.firstBlock * BLOCK;
        int end = position + 1 - run.firstBlock * BLOCK;
        float sum =
            half
                ? loops.softmaxHalf(row, begin, end, positions, scratch)
                : loops.softmax(row, begin, end, positions, scratch);
        Lanes.set(narrowed, i, 1 / sum);
        if (byteTiles != null) {
          float scale = split(row, shares + splitBytes * i, addresses, positions, scratch);
          Lanes.set(narrowed, i, scale / sum);
        }
      }
      if (byteTiles != null) {
        byteTiles.mix(shares, splitBytes, count, addresses, headBytes, run.blocks, mixtures);
      } else {
        tiles().mix(scores, 4L * positions, count, addresses, headBytes, run.blocks, mixtures);
      }
      for (int i = 0; i < count; i++) {
        int query = from + i;
        long mixture = mixtures + 4L * padded * i;
        long to = y + query / group * yStride + 4L * d * (query % group);
        float factor = Lanes.get(narrowed, i);
        if (d == padded) {
          loops.scale(mixture, factor, to, d, scratch);
        } else {
          loops.scale(mixture, factor, mixture, padded, scratch);
          MemorySegment.copy(Lanes.MEMORY, mixture, Lanes.MEMORY, to, 4L * d);
        }
      }
    }
  }

  private AttentionTiles tiles() {
    return Objects.requireNonNull(tiles);
  }

  private long queryBytes() {
    return byteTiles != null ? RowBytes.splitBytes(padded) : (half ? 2L : 4L) * padded;
  }

  /**
   * Shares times the scales of their values, as a split row.
   *
   * @return the row's scale
   */
  private float split(long shares, long to, long addresses, int positions, long scratch) {
    long scales = headBytes + (long) BLOCK * padded;
    float largest = loops.weigh(shares, addresses, scales, positions, scratch);
    loops.split(shares, RowBytes.splitFactor(largest), positions, to, scratch);
    return largest / RowBytes.MOST_SPLIT;
  }

  /** A query in the type of the keys, filled up with zeros. */
  private void put(long query, long to, long filled, long scratch) {
    int d = settings.headDim;
    long from = query;
    if (d != padded) {
      MemorySegment.copy(Lanes.MEMORY, query, Lanes.MEMORY, filled, 4L * d);
      Row.fill(filled, d, padded, 0);
      from = filled;
    }
    if (byteTiles != null) {
      float largest = loops.magnitude(from, padded, scratch);
      loops.split(from, RowBytes.splitFactor(largest), padded, to, scratch);
      Lanes.set(to + RowBytes.SCALE, 0, largest / RowBytes.MOST_SPLIT);
    } else if (half) {
      loops.narrow(from, to, padded);
    } else {
      MemorySegment.copy(Lanes.MEMORY, from, Lanes.MEMORY, to, 4L * padded);
    }
  }
}
