package dev.slipway.tensor.kernel.train;

import dev.slipway.tensor.DType;
import dev.slipway.tensor.Matmul;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.tensor.kernel.Buffer;
import dev.slipway.tensor.kernel.Lanes;
import dev.slipway.tensor.kernel.Row;
import dev.slipway.tensor.kernel.Team;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/**
 * Causal grouped-query attention within documents, on the layout that {@link Heads} makes. Vaswani
 * et al. 2017, §3.2.1; Ainslie et al. 2023, "GQA".
 *
 * <p>Queries are taken in blocks, each multiplied with the keys up to its end only, so that about
 * half of the work above the diagonal is left out; and heads in groups whose scores fit the cache.
 * The weights are kept for the backward.
 */
public final class Attention {
  /** Scores of a tile that are worked on at once: what two cores' caches hold. */
  private static final long TILE = 3L << 19;

  /** Shape of one attention. */
  public record Shape(int rows, int columns, int keyHeads, int group, int headDim) {
    int batch() {
      return rows * keyHeads;
    }

    long queries() {
      return (long) batch() * columns * group * headDim;
    }

    long keys() {
      return (long) batch() * columns * headDim;
    }
  }

  /** A group of heads and a block of positions. */
  private record Tile(int head, int heads, int from, int to, long offset) {}

  private final Shape shape;
  private final DType dtype;
  private final List<Tile> tiles = new ArrayList<>();
  private final long weights;
  private final Team team = Team.common();

  private Attention(Shape shape, DType dtype) {
    this.shape = shape;
    this.dtype = dtype;
    int block = block(shape.columns());
    long perHead = (long) block * shape.group() * shape.columns();
    int parts = (int) Math.max(1, (shape.batch() * perHead + TILE / 2) / TILE);
    parts = Math.min(parts, shape.batch());
    long offset = 0;
    for (int part = 0; part < parts; part++) {
      int head = Team.from(part, parts, shape.batch());
      int heads = Team.from(part + 1, parts, shape.batch()) - head;
      for (int from = 0; from < shape.columns(); from += block) {
        int to = Math.min(shape.columns(), from + block);
        tiles.add(new Tile(head, heads, from, to, offset));
        offset += (long) heads * (to - from) * shape.group() * to;
      }
    }
    weights = offset;
  }

  public static Attention of(Shape shape, DType dtype) {
    return new Attention(shape, dtype);
  }

  private static int block(int columns) {
    if (columns <= 128) {
      return columns;
    }
    return columns <= 512 ? 128 : 256;
  }

  /** What the forward of one layer leaves for its backward; or the gradients of it. */
  public final class State implements AutoCloseable {
    private final Buffer q;
    private final Buffer k;
    private final Buffer v;
    private final List<Handles> handles = new ArrayList<>();

    private State(Buffer q, Buffer k, Buffer v, Buffer p) {
      this.q = q;
      this.k = k;
      this.v = v;
      try (Scope scope = Scope.open()) {
        Tensor queries = view(q, shape.group());
        Tensor keys = view(k, 1);
        Tensor values = view(v, 1);
        for (Tile tile : tiles) {
          int rows = (tile.to - tile.from) * shape.group();
          Buffer scores = p.slice(tile.offset, (long) tile.heads * rows * tile.to);
          Tensor weights = Tensor.view(scores.memory(), dtype, tile.heads, rows, tile.to);
          Tensor key = prefix(keys, tile);
          Tensor value = prefix(values, tile);
          handles.add(
              new Handles(
                  scope.keep(block(queries, tile)),
                  scope.keep(key),
                  scope.keep(key.transpose(1, 2)),
                  scope.keep(value),
                  scope.keep(value.transpose(1, 2)),
                  scope.keep(weights),
                  scope.keep(weights.transpose(1, 2)),
                  scores));
        }
      }
    }

    /** Queries (B K, T G, D), scaled. */
    public Buffer q() {
      return q;
    }

    /** Keys (B K, T, D). */
    public Buffer k() {
      return k;
    }

    /** Values (B K, T, D). */
    public Buffer v() {
      return v;
    }

    @Override
    public void close() {
      handles.forEach(Handles::close);
    }
  }

  /** Outputs (B K, T G, D), or their gradient. */
  public final class Output implements AutoCloseable {
    private final Buffer buffer;
    private final List<Tensor> blocks = new ArrayList<>();

    private Output(Buffer buffer) {
      this.buffer = buffer;
      try (Scope scope = Scope.open()) {
        Tensor whole = view(buffer, shape.group());
        for (Tile tile : tiles) {
          blocks.add(scope.keep(block(whole, tile)));
        }
      }
    }

    public Buffer buffer() {
      return buffer;
    }

    @Override
    public void close() {
      blocks.forEach(Tensor::close);
    }
  }

  private record Handles(
      Tensor q,
      Tensor k,
      Tensor kTransposed,
      Tensor v,
      Tensor vTransposed,
      Tensor p,
      Tensor pTransposed,
      Buffer scores) {
    void close() {
      q.close();
      k.close();
      kTransposed.close();
      v.close();
      vTransposed.close();
      p.close();
      pTransposed.close();
    }
  }

  private Tensor view(Buffer buffer, int group) {
    return Tensor.view(
        buffer.memory(), dtype, shape.batch(), (long) shape.columns() * group, shape.headDim());
  }

  private Tensor block(Tensor queries, Tile tile) {
    int group = shape.group();
    return queries
        .narrow(0, tile.head, tile.heads)
        .narrow(1, (long) tile.from * group, (long) (tile.to - tile.from) * group);
  }

  private static Tensor prefix(Tensor keys, Tile tile) {
    return keys.narrow(0, tile.head, tile.heads).narrow(1, 0, tile.to);
  }

  /** Room for one layer. */
  public State state(Arena arena) {
    return new State(
        Buffer.allocate(arena, dtype, shape.queries()),
        Buffer.allocate(arena, dtype, shape.keys()),
        Buffer.allocate(arena, dtype, shape.keys()),
        Buffer.allocate(arena, dtype, weights));
  }

  public Output output(Arena arena) {
    return new Output(Buffer.allocate(arena, dtype, shape.queries()));
  }

  /**
   * {@code o = softmax(q k^T) v}.
   *
   * @param starts (B T) the column where the document of each position begins
   */
  public void forward(State state, int[] starts, Output o) {
    for (int i = 0; i < tiles.size(); i++) {
      Handles handles = state.handles.get(i);
      Matmul.bmm(handles.p, handles.q, handles.kTransposed);
      softmax(tiles.get(i), handles.scores, starts);
      Matmul.bmm(o.blocks.get(i), handles.p, handles.v);
    }
  }

  /**
   * Gradients of q, k and v.
   *
   * @param state of the forward
   * @param dO gradient of the outputs
   * @param gradients where those of q, k and v go; its weights are room for those of the weights
   */
  public void backward(State state, int[] starts, Output dO, State gradients) {
    for (int i = tiles.size() - 1; i >= 0; i--) {
      Tile tile = tiles.get(i);
      Handles saved = state.handles.get(i);
      Handles room = gradients.handles.get(i);
      Tensor dOutput = dO.blocks.get(i);
      Matmul.bmm(room.p, dOutput, saved.vTransposed);
      softmaxBackward(tile, room.scores, saved.scores, starts);
      Matmul.bmm(room.q, room.p, saved.k);
      // The last block's prefix is all columns: it writes, the others add.
      if (tile.to == shape.columns()) {
        Matmul.bmm(room.v, saved.pTransposed, dOutput);
        Matmul.bmm(room.k, room.pTransposed, saved.q);
      } else {
        Matmul.baddbmm(room.v, saved.pTransposed, dOutput);
        Matmul.baddbmm(room.k, room.pTransposed, saved.q);
      }
    }
  }

  private void softmax(Tile tile, Buffer scores, int[] starts) {
    int group = shape.group();
    int rows = tile.heads * (tile.to - tile.from) * group;
    int width = tile.to;
    long address = scores.address((long) rows * width);
    boolean half = scores.half();
    team.run(
        Team.SLICES,
        (slice, worker) -> {
          long scratch = worker.scratch(Lanes.padded(width) + 64L);
          int end = Team.from(slice + 1, Team.SLICES, rows);
          for (int row = Team.from(slice, Team.SLICES, rows); row < end; row++) {
            int column = column(tile, row);
            forward(
                address + (half ? 2L : 4L) * row * width,
                half,
                starts[start(tile, row, column)],
                column + 1,
                width,
                scratch);
          }
        });
  }

  private int column(Tile tile, int row) {
    int group = shape.group();
    return tile.from + row % ((tile.to - tile.from) * group) / group;
  }

  private int start(Tile tile, int row, int column) {
    int head = tile.head + row / ((tile.to - tile.from) * shape.group());
    return head / shape.keyHeads() * shape.columns() + column;
  }

  /** Softmax of the columns {@code from} to {@code to} of one row; zeros elsewhere. */
  private static void forward(long row, boolean half, int from, int to, int width, long scratch) {
    int low = from / Lanes.WIDTH * Lanes.WIDTH;
    int count = Math.min(Lanes.padded(to), width) - low;
    int bytes = half ? 2 : 4;
    long x = Row.in(row + (long) bytes * low, half, count, scratch + 64);
    int padded = Lanes.padded(count);
    Row.fill(x, 0, from - low, Float.NEGATIVE_INFINITY);
    Row.fill(x, to - low, padded, Float.NEGATIVE_INFINITY);
    float sum = RowSoftmax.exponentials(x, RowSoftmax.max(x, padded), padded, scratch);
    Row.scale(x, 1 / sum, x, padded);
    Row.fill(x, 0, from - low, 0);
    Row.fill(x, to - low, padded, 0);
    Row.out(x, row + (long) bytes * low, half, count);
    Row.zero(row, (long) bytes * low);
    Row.zero(row + (long) bytes * (low + count), (long) bytes * (width - low - count));
  }

  private void softmaxBackward(Tile tile, Buffer gradient, Buffer weights, int[] starts) {
    int rows = tile.heads * (tile.to - tile.from) * shape.group();
    int width = tile.to;
    long dp = gradient.address((long) rows * width);
    long p = weights.address((long) rows * width);
    boolean half = gradient.half();
    team.run(
        Team.SLICES,
        (slice, worker) -> {
          long scratch = worker.scratch(2 * (Lanes.padded(width) + 64L));
          int end = Team.from(slice + 1, Team.SLICES, rows);
          for (int row = Team.from(slice, Team.SLICES, rows); row < end; row++) {
            int column = column(tile, row);
            long at = (half ? 2L : 4L) * row * width;
            backward(
                dp + at,
                p + at,
                half,
                starts[start(tile, row, column)],
                column + 1,
                width,
                scratch);
          }
        });
  }

  private static void backward(
      long dp, long p, boolean half, int from, int to, int width, long scratch) {
    int low = from / Lanes.WIDTH * Lanes.WIDTH;
    int count = Math.min(Lanes.padded(to), width) - low;
    int padded = Lanes.padded(count);
    int bytes = half ? 2 : 4;
    long at = (long) bytes * low;
    long gradient = Row.in(dp + at, half, count, scratch + 64);
    long weights = Row.in(p + at, half, count, scratch + 128 + 4L * padded);
    float dot = Row.dot(gradient, weights, padded, scratch);
    RowSoftmax.backward(gradient, weights, dot, padded);
    Row.out(gradient, dp + at, half, count);
    Row.zero(dp, at);
    Row.zero(dp + at + (long) bytes * count, (long) bytes * (width - low - count));
  }
}
