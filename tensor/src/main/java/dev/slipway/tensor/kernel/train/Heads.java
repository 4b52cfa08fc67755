package dev.slipway.tensor.kernel.train;

import dev.slipway.tensor.kernel.Buffer;
import dev.slipway.tensor.kernel.Lanes;
import dev.slipway.tensor.kernel.Matrix;
import dev.slipway.tensor.kernel.Partials;
import dev.slipway.tensor.kernel.Row;
import dev.slipway.tensor.kernel.RowFlat;
import dev.slipway.tensor.kernel.RowHeads;
import dev.slipway.tensor.kernel.Team;
import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;

/**
 * From the rows of a joint projection, (B T, (H + 2 K) D) with query, key and value side by side,
 * to the layout that attention multiplies, and back. Bias, RMSNorm of queries and keys, rotary
 * positions and the scale 1/√D are folded in.
 *
 * <p>With G = H / K query heads to a key-value head, queries are (B K, T G, D): those that share a
 * key lie together, so that grouped-query attention is one product a key-value head, and the rows
 * of a range of positions are neighbours. Keys and values are (B K, T, D).
 */
public final class Heads {
  /** Parameters folded in, with their gradients. */
  public record Parameters(
      @Nullable Buffer bias,
      @Nullable Buffer dBias,
      @Nullable Buffer queryNorm,
      @Nullable Buffer dQueryNorm,
      @Nullable Buffer keyNorm,
      @Nullable Buffer dKeyNorm,
      double normEpsilon,
      @Nullable Rotary rotary) {}

  private final int keyHeads;
  private final int group;
  private final int headDim;
  private final int width;
  private final float scale;
  private final Parameters parameters;
  private final Partials dBiases;
  private final Partials dNorms;
  private final Team team = Team.common();

  /**
   * @param keyHeads K
   * @param group G, query heads to a key-value head
   * @param headDim D
   */
  public Heads(Arena arena, int keyHeads, int group, int headDim, Parameters parameters) {
    this.keyHeads = keyHeads;
    this.group = group;
    this.headDim = headDim;
    this.parameters = parameters;
    width = keyHeads * (group + 2) * headDim;
    scale = (float) (1 / Math.sqrt(headDim));
    dBiases = new Partials(arena, width);
    dNorms = new Partials(arena, 2 * headDim);
  }

  private static long address(@Nullable Buffer buffer, long count) {
    return buffer == null ? 0 : buffer.floats(count);
  }

  /**
   * @param qkv (B T, (H + 2 K) D)
   * @param columns T
   * @param places (B T) position of each row in its document
   * @param q (B K, T G, D), scaled
   * @param k (B K, T, D)
   * @param v (B K, T, D)
   */
  public void split(Matrix qkv, int columns, int[] places, Buffer q, Buffer k, Buffer v) {
    int rows = qkv.rows();
    long count = (long) rows * keyHeads * headDim;
    Pass pass =
        pass(
            qkv.address(rows, width),
            qkv.half(),
            columns,
            q.address(count * group),
            k.address(count),
            v.address(count),
            0);
    team.run(
        Team.SLICES,
        (slice, worker) -> {
          long scratch = worker.scratch(3L * (Lanes.padded(width) + 16));
          int to = Team.from(slice + 1, Team.SLICES, rows);
          for (int row = Team.from(slice, Team.SLICES, rows); row < to; row++) {
            pass.split(row, places[row], scratch);
          }
        });
  }

  /**
   * Gradients of q, k and v to that of qkv.
   *
   * @param qkv as it came to {@link #split}; needed for the norm of queries and keys
   * @param dQkv (B T, (H + 2 K) D); may be qkv
   */
  public void backward(
      Matrix qkv, int columns, int[] places, Buffer dq, Buffer dk, Buffer dv, Matrix dQkv) {
    int rows = qkv.rows();
    long count = (long) rows * keyHeads * headDim;
    Pass pass =
        pass(
            qkv.address(rows, width),
            qkv.half(),
            columns,
            dq.address(count * group),
            dk.address(count),
            dv.address(count),
            dQkv.address(rows, width));
    team.run(
        Team.SLICES,
        (slice, worker) -> {
          long scratch = worker.scratch(3L * (Lanes.padded(width) + 16));
          long dBias = dBiases.begin(slice);
          long dNorm = dNorms.begin(slice);
          int to = Team.from(slice + 1, Team.SLICES, rows);
          for (int row = Team.from(slice, Team.SLICES, rows); row < to; row++) {
            pass.backward(row, places[row], dBias, dNorm, scratch);
          }
        });
    dBiases.addTo(parameters.dBias(), 0, width);
    dNorms.addTo(parameters.dQueryNorm(), 0, headDim);
    dNorms.addTo(parameters.dKeyNorm(), headDim, headDim);
  }

  /** Heads (B K, T G, D) to rows (B T, H D). */
  public void merge(Buffer heads, int columns, Matrix rows) {
    exchange(heads, columns, rows, true);
  }

  /** Rows (B T, H D) to heads (B K, T G, D). */
  public void unmerge(Matrix rows, int columns, Buffer heads) {
    exchange(heads, columns, rows, false);
  }

  private void exchange(Buffer heads, int columns, Matrix rows, boolean merge) {
    int count = rows.rows();
    int run = group * headDim;
    boolean half = rows.half();
    long to = rows.address(count, keyHeads * run);
    long from = heads.address((long) count * keyHeads * run);
    int bytes = (half ? 2 : 4) * run;
    team.run(
        Team.SLICES,
        (slice, worker) -> {
          int end = Team.from(slice + 1, Team.SLICES, count);
          for (int row = Team.from(slice, Team.SLICES, count); row < end; row++) {
            int b = row / columns;
            int t = row % columns;
            for (int head = 0; head < keyHeads; head++) {
              long at = from + (((long) b * keyHeads + head) * columns + t) * bytes;
              long place = to + ((long) row * keyHeads + head) * bytes;
              if (merge) {
                Row.move(at, place, bytes);
              } else {
                Row.move(place, at, bytes);
              }
            }
          }
        });
  }

  private Pass pass(long qkv, boolean half, int columns, long q, long k, long v, long dQkv) {
    return new Pass(
        qkv,
        half,
        columns,
        q,
        k,
        v,
        dQkv,
        address(parameters.bias(), width),
        address(parameters.queryNorm(), headDim),
        address(parameters.keyNorm(), headDim),
        (float) parameters.normEpsilon(),
        parameters.rotary(),
        keyHeads,
        group,
        headDim,
        width,
        scale);
  }

  private record Pass(
      long qkv,
      boolean half,
      int columns,
      long q,
      long k,
      long v,
      long dQkv,
      long bias,
      long queryNorm,
      long keyNorm,
      float epsilon,
      @Nullable Rotary rotary,
      int keyHeads,
      int group,
      int headDim,
      int width,
      float scale) {
    /** The row of qkv with its bias, in scratch. */
    private long biased(int row, long scratch) {
      long bytes = half ? 2 : 4;
      if (half) {
        Row.widen(qkv + (long) row * width * bytes, scratch, width);
      } else {
        Row.copyExact(qkv + (long) row * width * bytes, scratch, width);
      }
      if (bias != 0) {
        Row.accumulateExact(bias, scratch, width);
      }
      return scratch;
    }

    private float rstd(long head, long scratch) {
      return (float) (1 / Math.sqrt(RowFlat.squares(head, headDim, scratch) / headDim + epsilon));
    }

    void split(int row, int place, long scratch) {
      long x = biased(row, scratch + 64);
      int heads = keyHeads * group;
      for (int head = 0; head < heads + keyHeads; head++) {
        long at = x + 4L * head * headDim;
        long norm = head < heads ? queryNorm : keyNorm;
        if (norm != 0) {
          RowHeads.rms(at, rstd(at, scratch), norm, headDim);
        }
        if (rotary != null) {
          rotary.turn(at, place, 1);
        }
      }
      RowHeads.scale(x, scale, heads * headDim);
      move(row, x, true);
    }

    /** Between a row in scratch and the places of its heads. */
    private void move(int row, long x, boolean out) {
      int b = row / columns;
      int t = row % columns;
      int run = group * headDim;
      for (int head = 0; head < keyHeads; head++) {
        long place = ((long) b * keyHeads + head) * columns + t;
        long key = x + 4L * (keyHeads * run + head * headDim);
        move(q, place * run, x + 4L * head * run, run, out);
        move(k, place * headDim, key, headDim, out);
        move(v, place * headDim, key + 4L * keyHeads * headDim, headDim, out);
      }
    }

    private void move(long buffer, long index, long x, int count, boolean out) {
      long place = buffer + (half ? 2 : 4) * index;
      if (out) {
        if (half) {
          Row.narrow(x, place, count);
        } else {
          Row.copyExact(x, place, count);
        }
      } else if (half) {
        Row.widenExact(place, x, count);
      } else {
        Row.copyExact(place, x, count);
      }
    }

    void backward(int row, int place, long dBias, long dNorm, long scratch) {
      long stride = 4L * (Lanes.padded(width) + 16);
      long dx = scratch + 64;
      move(row, dx, false);
      int heads = keyHeads * group;
      RowHeads.scale(dx, scale, heads * headDim);
      long x = queryNorm == 0 && keyNorm == 0 ? 0 : biased(row, scratch + 64 + stride);
      for (int head = 0; head < heads + keyHeads; head++) {
        long offset = 4L * head * headDim;
        long norm = head < heads ? queryNorm : keyNorm;
        if (rotary != null) {
          rotary.turn(dx + offset, place, -1);
        }
        if (norm != 0) {
          float rstd = rstd(x + offset, scratch);
          long dw = head < heads ? dNorm : dNorm + 4L * headDim;
          float b =
              RowHeads.rmsSum(dx + offset, x + offset, rstd, norm, dw, headDim, scratch) / headDim;
          RowHeads.rmsBackward(dx + offset, x + offset, rstd, norm, b, headDim);
        }
      }
      if (bias != 0) {
        Row.accumulateExact(dx, dBias, width);
      }
      long target = dQkv + (half ? 2L : 4L) * row * width;
      if (half) {
        Row.narrow(dx, target, width);
      } else {
        Row.copyExact(dx, target, width);
      }
    }
  }
}
