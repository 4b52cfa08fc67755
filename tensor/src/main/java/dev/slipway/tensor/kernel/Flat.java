package dev.slipway.tensor.kernel;

/** Passes over flat buffers, on all cores. */
public final class Flat {
  /** Values in a slice. */
  public static final int CHUNK = 1 << 16;

  private static final int BLOCK = 1 << 12;

  private Flat() {}

  /** {@code gradient += product}: the product float32 or bfloat16, the gradient float32. */
  public static void accumulate(Buffer product, Buffer gradient, long count) {
    long from = product.address(count);
    long to = gradient.floats(count);
    boolean half = product.half();
    Team.common()
        .run(
            chunks(count),
            (slice, worker) -> {
              long at = (long) slice * CHUNK;
              if (half) {
                Row.accumulateHalf(from + 2 * at, to + 4 * at, length(at, count));
              } else {
                Row.accumulateExact(from + 4 * at, to + 4 * at, length(at, count));
              }
            });
  }

  /** float32 to bfloat16, to the nearest, ties to even. */
  public static void toBfloat16(Buffer values, Buffer shadow, long count) {
    long from = values.floats(count);
    long to = shadow.address(count);
    if (!shadow.half()) {
      throw new IllegalArgumentException("the shadow is " + shadow.dtype() + ", not bfloat16");
    }
    Team.common()
        .run(
            chunks(count),
            (slice, worker) -> {
              long at = (long) slice * CHUNK;
              Row.narrow(from + 4 * at, to + 2 * at, length(at, count));
            });
  }

  public static void zero(Buffer values) {
    long to = values.address(values.size());
    long bytes = values.memory().byteSize();
    int slices = chunks(bytes);
    Team.common()
        .run(
            slices,
            (slice, worker) -> {
              long at = (long) slice * CHUNK;
              Row.zero(to + at, length(at, bytes));
            });
  }

  /**
   * Sum of the squares of the values {@code from} to {@code to}; the gradient norm is its root.
   * Always the same bits for the same values.
   */
  public static double squaredNorm(Buffer values, long from, long to) {
    long start = values.floats(to) + 4 * from;
    long count = to - from;
    int slices = chunks(count);
    double[] sums = new double[slices];
    Team.common()
        .run(
            slices,
            (slice, worker) -> {
              long at = (long) slice * CHUNK;
              int length = length(at, count);
              long scratch = worker.scratch(64);
              double sum = 0;
              for (int block = 0; block < length; block += BLOCK) {
                sum +=
                    RowFlat.squares(
                        start + 4 * (at + block), Math.min(BLOCK, length - block), scratch);
              }
              sums[slice] = sum;
            });
    double sum = 0;
    for (int slice = 0; slice < slices; slice++) {
      sum += sums[slice];
    }
    return sum;
  }

  static int chunks(long count) {
    return Math.toIntExact((count + CHUNK - 1) / CHUNK);
  }

  static int length(long at, long count) {
    return (int) Math.min(CHUNK, count - at);
  }
}
