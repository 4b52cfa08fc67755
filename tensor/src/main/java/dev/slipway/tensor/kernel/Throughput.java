package dev.slipway.tensor.kernel;

import dev.slipway.tensor.DType;
import dev.slipway.tensor.Matmul;
import java.lang.foreign.Arena;
import java.util.Arrays;

/** What this machine reaches, for forecasts and for the share of it that a run reaches. */
public final class Throughput {
  private static final int ROUNDS = 5;

  private Throughput() {}

  /**
   * Floating-point operations a second of {@code (rows, inner) x (inner, columns)} as training runs
   * it, warm: the median of rounds that take about {@code seconds} together.
   */
  public static double matmul(DType dtype, int rows, int inner, int columns, double seconds) {
    try (Arena arena = Arena.ofShared();
        Matrix a = Matrix.allocate(arena, dtype, rows, inner);
        Matrix b = Matrix.allocate(arena, dtype, columns, inner);
        Matrix out = Matrix.allocate(arena, dtype, rows, columns);
        Matmul.Float32ByOneDnn _ = Matmul.Float32ByOneDnn.open()) {
      fill(a.buffer());
      fill(b.buffer());
      double once = median(seconds, () -> Matmul.mm(out.tensor(), a.tensor(), b.transposed()));
      return 2.0 * rows * inner * columns / once;
    }
  }

  /** Bytes a second of a pass that reads two streams and writes one, too large for any cache. */
  public static double memoryBandwidth(double seconds) {
    long count = 1L << 24;
    try (Arena arena = Arena.ofShared()) {
      Buffer from = Buffer.allocate(arena, DType.FLOAT32, count);
      Buffer to = Buffer.allocate(arena, DType.FLOAT32, count);
      return 12.0 * count / median(seconds, () -> Flat.accumulate(from, to, count));
    }
  }

  /** Not zeros: some processors draw less power, and so run faster, on those. */
  private static void fill(Buffer buffer) {
    for (long i = 0; i < buffer.size(); i++) {
      float value = (i * 37 % 101 - 50) / 64f;
      if (buffer.half()) {
        Lanes.setHalf(buffer.memory().address(), i, value);
      } else {
        Lanes.set(buffer.memory().address(), i, value);
      }
    }
  }

  /** Seconds of one run. */
  private static double median(double seconds, Runnable work) {
    work.run();
    double[] once = new double[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      long start = System.nanoTime();
      long end = start + (long) (seconds / ROUNDS * 1e9);
      int runs = 0;
      do {
        work.run();
        runs++;
      } while (System.nanoTime() < end);
      once[round] = (System.nanoTime() - start) / 1e9 / runs;
    }
    Arrays.sort(once);
    return once[ROUNDS / 2];
  }
}
