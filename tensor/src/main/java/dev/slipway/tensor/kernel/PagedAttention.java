package dev.slipway.tensor.kernel;

import dev.slipway.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * Attention of one layer over keys and values in blocks of {@value #BLOCK} positions (Kwon et al.
 * 2023, "PagedAttention", §4.1), which sequences find by tables. What a row gives depends on its
 * own sequence alone: sums run over its positions in their order.
 *
 * <p>In a block, 16 positions stand side by side for each dimension of a key, and the dimensions of
 * a value for each position, so that a vector holds 16 of either; of bfloat16 two neighbours in the
 * order of the sum share 32 bits.
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

  private final Settings settings;
  private final boolean half;
  private final int padded;
  private final long headBytes;
  private final long memory;

  /**
   * @param type of keys and values, FLOAT32 or BFLOAT16
   */
  public PagedAttention(Arena arena, DType type, Settings settings, int blocks) {
    this.settings = settings;
    half = type == DType.BFLOAT16;
    padded = (settings.headDim + BLOCK - 1) / BLOCK * BLOCK;
    headBytes = (long) BLOCK * padded * type.bytes();
    long bytes = 2 * headBytes * settings.keyValueHeads * blocks;
    memory = Pages.allocate(arena, bytes).address();
  }

  /** Bytes of keys and values of a block. */
  public static long blockBytes(int keyValueHeads, int headDim, DType type) {
    int padded = (headDim + BLOCK - 1) / BLOCK * BLOCK;
    return 2L * BLOCK * padded * type.bytes() * keyValueHeads;
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
   * @param y rows of mixtures (H D), {@code yStride} apart
   */
  public void apply(
      Batch batch,
      Buffer projections,
      int stride,
      int queries,
      int keys,
      int values,
      Buffer y,
      int yStride) {
    long rows = projections.floats((long) batch.rows * stride);
    long to = y.floats((long) batch.rows * yStride);
    long cosines = batch.cosines.floats((long) batch.rows * settings.headDim / 2);
    long sines = batch.sines.floats((long) batch.rows * settings.headDim / 2);
    Rows.run(
        batch.rows,
        (row, worker) -> {
          long at = rows + 4L * stride * row;
          long angle = 2L * settings.headDim * row;
          store(batch, row, at, queries, keys, values, cosines + angle, sines + angle, worker);
        });
    int heads = settings.keyValueHeads;
    Rows.pieces(
        batch.rows * heads,
        (piece, worker) -> {
          int row = piece / heads;
          int head = piece % heads;
          int group = settings.heads / heads;
          int width = group * settings.headDim;
          attend(
              batch.positions[row],
              batch.tables[row],
              head,
              rows + 4L * (stride * (long) row + queries + (long) head * width),
              to + 4L * (yStride * (long) row + (long) head * width),
              worker);
        });
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
    long scratch = worker.scratch(64);
    for (int head = 0; head < settings.heads; head++) {
      long query = at + 4L * (queries + head * d);
      norm(settings.queryNorm, query, scratch);
      RowHeads.rotate(query, cosines, sines, 1, d / 2);
      RowHeads.scale(query, (float) settings.scale, d);
    }
    int position = batch.positions[row];
    long block = block(batch.tables[row][position / BLOCK]);
    int place = position % BLOCK;
    for (int head = 0; head < settings.keyValueHeads; head++) {
      long key = at + 4L * (keys + head * d);
      norm(settings.keyNorm, key, scratch);
      RowHeads.rotate(key, cosines, sines, 1, d / 2);
      long keyTo = block + 2 * headBytes * head;
      long value = at + 4L * (values + head * d);
      if (half) {
        RowPaged.storeKeyHalf(key, keyTo, place, d);
        RowPaged.storeValueHalf(value, keyTo + headBytes, place, d, padded);
      } else {
        RowPaged.storeKey(key, keyTo, place, d);
        Row.copyExact(value, keyTo + headBytes + 4L * place * padded, d);
      }
    }
  }

  private void norm(@Nullable DecodeNorm norm, long head, long scratch) {
    if (norm != null) {
      int d = settings.headDim;
      double squares = RowFlat.squares(head, d, scratch);
      float rstd = (float) (1 / Math.sqrt(squares / d + norm.epsilon()));
      RowHeads.rms(head, rstd, norm.weight().memory().address(), d);
    }
  }

  private long block(int number) {
    return memory + 2 * headBytes * settings.keyValueHeads * number;
  }

  // ---- mixing ----

  private void attend(
      int position, int[] table, int head, long queries, long y, Team.Worker worker) {
    int seen = position + 1;
    int first = settings.window > 0 ? Math.max(0, seen - settings.window) : 0;
    int firstBlock = first / BLOCK;
    int blocks = position / BLOCK + 1 - firstBlock;
    int positions = blocks * BLOCK;
    long addresses = worker.scratch(2L * blocks + positions + 2L * padded + 64);
    long scores = addresses + (8L * blocks + 63) / 64 * 64;
    long query = scores + 4L * positions;
    long mixture = query + 4L * padded;
    for (int i = 0; i < blocks; i++) {
      long at = block(table[firstBlock + i]) + 2 * headBytes * head;
      Lanes.MEMORY.set(ValueLayout.JAVA_LONG, addresses + 8L * i, at);
    }
    int d = settings.headDim;
    AttentionTiles tiles = AttentionTiles.of(half);
    for (int i = 0; i < settings.heads / settings.keyValueHeads; i++) {
      long own = queries + 4L * i * d;
      Row.copyExact(own, mixture, d);
      Row.fill(mixture, d, padded, 0);
      if (half) {
        Row.narrow(mixture, query, padded);
      } else {
        Row.copyExact(mixture, query, padded);
      }
      tiles.scores(query, addresses, padded, blocks, scores);
      int from = first - firstBlock * BLOCK;
      int to = seen - firstBlock * BLOCK;
      float sum = RowPaged.softmax(scores, from, to, positions, mixture);
      if (half) {
        Row.narrow(scores, scores, positions); // writes behind what it reads
      }
      tiles.mix(scores, addresses, headBytes, blocks, padded, mixture);
      RowHeads.scale(mixture, 1 / sum, padded);
      Row.copyExact(mixture, y + 4L * i * d, d);
    }
  }
}
