package dev.slipway.tensor.kernel.infer;

import dev.slipway.tensor.DType;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.tensor.kernel.Row;
import dev.slipway.tensor.kernel.Rows;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an adapter adds to projections of the same input, {@code y += s B A x} (Hu et al. 2021,
 * §4.1), packed to be added panel by panel to a {@link PackedLinear}'s rows. The A of all of them
 * lie one below the other; the B of each stands at the columns of its own A, zeros elsewhere.
 */
public final class LowRank {
  /**
   * Low-rank matrices of one projection.
   *
   * @param a (r, in)
   * @param b (out, r)
   * @param scale s
   */
  public record Matrices(Tensor a, Tensor b, double scale) {}

  /** Rows that a thread takes at a time: enough for the tiles, few enough to share. */
  private static final int SLICE = 32;

  private final PackedLinear a;
  private final List<PackedLinear> b;

  private LowRank(PackedLinear a, List<PackedLinear> b) {
    this.a = a;
    this.b = b;
  }

  /**
   * Packs the matrices beside products that read the same rows.
   *
   * @param format FLOAT32 or BFLOAT16
   * @param outs outputs of each projection, by the product that it is part of
   * @param matrices as many, in the same order; null where a projection has none
   */
  public static LowRank pack(
      Arena arena,
      WeightFormat format,
      List<List<Integer>> outs,
      List<? extends @Nullable Matrices> matrices) {
    if (format.isInteger()) {
      throw new IllegalArgumentException("low-rank matrices are not kept in " + format);
    }
    try (Scope _ = Scope.open();
        NoGrad _ = NoGrad.open()) {
      List<Tensor> stacked = new ArrayList<>();
      long rank = 0;
      for (Matrices each : matrices) {
        if (each != null) {
          stacked.add(each.a.to(DType.FLOAT32));
          rank += each.a.size(0);
        }
      }
      PackedLinear a =
          new PackedLinear(arena, format, List.of(Tensor.cat(stacked, 0)), List.of()); // (R, in)
      List<PackedLinear> packed = new ArrayList<>();
      int map = 0;
      long column = 0;
      for (List<Integer> product : outs) {
        List<Tensor> weights = new ArrayList<>();
        for (int out : product) {
          Tensor wide = Tensor.zeros(DType.FLOAT32, out, rank); // (out, R)
          Matrices each = matrices.get(map++);
          if (each != null) {
            long own = each.a.size(0);
            wide.narrow(1, column, own).copyInPlace(each.b.to(DType.FLOAT32).mul(each.scale));
            column += own;
          }
          weights.add(wide);
        }
        packed.add(new PackedLinear(arena, format, weights, List.of()));
      }
      return new LowRank(a, packed);
    }
  }

  /** Memory that the matrices take. */
  public long bytes() {
    return a.bytes() + b.stream().mapToLong(PackedLinear::bytes).sum();
  }

  /**
   * Rows that one adapter adds to.
   *
   * @param maps what it adds
   * @param from the first row
   * @param count how many
   */
  public record Run(LowRank maps, int from, int count) {}

  /**
   * Memory in which rows become {@code A x}, for runs whose ranks come to no more than {@code
   * rank}.
   */
  public static final class Room {
    private final Operand low;
    private final int width;

    /**
     * @param rank Σ r of the widest {@link LowRank}
     */
    public Room(Arena arena, WeightFormat format, int rows, int rank) {
      low = new Operand(arena, format, rows, rank);
      width = rank;
    }

    /** Whether so wide a map has room. */
    public boolean fits(LowRank maps) {
      return maps.rank() <= width;
    }

    /**
     * {@code A x} of all runs, from which {@link Added} goes on.
     *
     * @param x rows in the format of the matrices
     * @param runs of different rows
     */
    public Added of(Operand x, List<Run> runs) {
      List<Task> tasks = new ArrayList<>();
      for (Run run : runs) {
        run.maps.a.check(x);
        for (int panel = 0; panel < run.maps.a.panels(); panel++) {
          for (int at = 0; at < run.count; at += SLICE) {
            tasks.add(new Task(run.maps, run.from + at, Math.min(SLICE, run.count - at), panel));
          }
        }
      }
      Rows.pieces(
          tasks.size(),
          (index, worker) -> {
            Task task = tasks.get(index);
            long sums = worker.scratch((long) SLICE * PackedLinear.PANEL);
            long stride = 4L * PackedLinear.PANEL;
            PackedLinear a = task.maps.a;
            a.panel(Tiles.of(a.format()), x, task.from, task.count, task.panel, sums, stride);
            for (int row = 0; row < task.count; row++) {
              low.put(task.from + row, task.panel, sums + row * stride);
            }
          });
      return new Added(low, List.copyOf(runs));
    }

    private record Task(LowRank maps, int from, int count, int panel) {}
  }

  /** Σ r. */
  public int rank() {
    return b.getFirst().in();
  }

  /** What is added to rows of a product: valid until its {@link Room} is used again. */
  public static final class Added {
    private final Operand low;
    private final List<Run> runs;

    private Added(Operand low, List<Run> runs) {
      this.low = low;
      this.runs = runs;
    }

    /**
     * Adds to a panel's outputs.
     *
     * @param product which of the products that the matrices were packed beside
     * @param y the first row's, {@code yStride} bytes apart
     * @param scratch as many floats as the rows have in the panel
     */
    void add(int product, int panel, long y, long yStride, long scratch) {
      long stride = 4L * PackedLinear.PANEL;
      for (Run run : runs) {
        PackedLinear b = run.maps.b.get(product);
        b.panel(Tiles.of(b.format()), low, run.from, run.count, panel, scratch, stride);
        for (int row = 0; row < run.count; row++) {
          long at = y + (run.from + row) * yStride;
          Row.add(at, scratch + row * stride, at, PackedLinear.PANEL);
        }
      }
    }
  }
}
