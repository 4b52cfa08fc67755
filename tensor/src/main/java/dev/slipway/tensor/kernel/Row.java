package dev.slipway.tensor.kernel;

import static dev.slipway.tensor.kernel.Lanes.WIDTH;
import static dev.slipway.tensor.kernel.Lanes.load;
import static dev.slipway.tensor.kernel.Lanes.loadHalf;
import static dev.slipway.tensor.kernel.Lanes.store;
import static dev.slipway.tensor.kernel.Lanes.storeHalf;

import jdk.incubator.vector.FloatVector;

/** Rows in and out of float32, and sums of rows. */
public final class Row {
  private Row() {}

  /**
   * The address of a row of {@code count} values as float32 in whole vectors: the row itself, or a
   * copy in {@code scratch} that ends in zeros.
   */
  public static long in(long row, boolean half, int count, long scratch) {
    if (half) {
      widen(row, scratch, count);
      return scratch;
    }
    if (count % WIDTH == 0) {
      return row;
    }
    copy(row, scratch, count);
    return scratch;
  }

  /** Where to compute a row that {@link #out} then puts in its place. */
  public static long room(long row, boolean half, int count, long scratch) {
    return half || count % WIDTH != 0 ? scratch : row;
  }

  /** Puts a computed row in its place, unless it is there already. */
  public static void out(long computed, long row, boolean half, int count) {
    if (half) {
      narrow(computed, row, count);
    } else if (computed != row) {
      copyExact(computed, row, count);
    }
  }

  /** bfloat16 to float32; fills up the last vector with zeros. */
  public static void widen(long from, long to, int count) {
    int i = 0;
    for (; i <= count - WIDTH; i += WIDTH) {
      store(loadHalf(from + 2L * i), to + 4L * i);
    }
    if (i < count) {
      for (; i < count; i++) {
        Lanes.set(to, i, Lanes.getHalf(from, i));
      }
      fill(to, i, Lanes.padded(count), 0f);
    }
  }

  /** bfloat16 to float32, writing no more than {@code count} values. */
  public static void widenExact(long from, long to, int count) {
    int i = 0;
    for (; i <= count - WIDTH; i += WIDTH) {
      store(loadHalf(from + 2L * i), to + 4L * i);
    }
    for (; i < count; i++) {
      Lanes.set(to, i, Lanes.getHalf(from, i));
    }
  }

  /** Bytes as they are; an even number of them. */
  public static void move(long from, long to, int bytes) {
    int i = 0;
    for (; i <= bytes - 4 * WIDTH; i += 4 * WIDTH) {
      store(load(from + i), to + i);
    }
    for (; i < bytes; i += 2) {
      Lanes.moveHalf(from + i, to + i);
    }
  }

  /** float32 to bfloat16, to the nearest, ties to even. */
  public static void narrow(long from, long to, int count) {
    int i = 0;
    for (; i <= count - WIDTH; i += WIDTH) {
      storeHalf(load(from + 4L * i), to + 2L * i);
    }
    for (; i < count; i++) {
      Lanes.setHalf(to, i, Lanes.get(from, i));
    }
  }

  /** float32 to float32; fills up the last vector with zeros. */
  static void copy(long from, long to, int count) {
    copyExact(from, to, count);
    if (count % WIDTH != 0) {
      fill(to, count, Lanes.padded(count), 0f);
    }
  }

  /** float32 to float32, writing no more than {@code count} values. */
  public static void copyExact(long from, long to, int count) {
    int i = 0;
    for (; i <= count - WIDTH; i += WIDTH) {
      store(load(from + 4L * i), to + 4L * i);
    }
    for (; i < count; i++) {
      Lanes.set(to, i, Lanes.get(from, i));
    }
  }

  /** One value from a place to before another. */
  public static void fill(long row, int from, int to, float value) {
    for (int i = from; i < to; i++) {
      Lanes.set(row, i, value);
    }
  }

  /** Zeros in memory of either type: both spell zero with zero bits. */
  public static void zero(long row, long bytes) {
    long i = 0;
    for (; i <= bytes - 4 * WIDTH; i += 4 * WIDTH) {
      store(Lanes.zero(), row + i);
    }
    for (; i < bytes; i += 2) {
      Lanes.setHalf(row, i / 2, 0f);
    }
  }

  /** {@code sum += row}, in whole vectors. */
  public static void accumulate(long row, long sum, int padded) {
    for (int i = 0; i < padded; i += WIDTH) {
      store(load(sum + 4L * i).add(load(row + 4L * i)), sum + 4L * i);
    }
  }

  /** {@code out = a + b}, in whole vectors. */
  public static void add(long a, long b, long out, int padded) {
    for (int i = 0; i < padded; i += WIDTH) {
      store(load(a + 4L * i).add(load(b + 4L * i)), out + 4L * i);
    }
  }

  /** {@code out = a + b + c}, in whole vectors. */
  public static void add(long a, long b, long c, long out, int padded) {
    for (int i = 0; i < padded; i += WIDTH) {
      store(load(a + 4L * i).add(load(b + 4L * i)).add(load(c + 4L * i)), out + 4L * i);
    }
  }

  /** {@code out = factor * a}, in whole vectors. */
  public static void scale(long a, float factor, long out, int padded) {
    for (int i = 0; i < padded; i += WIDTH) {
      store(load(a + 4L * i).mul(factor), out + 4L * i);
    }
  }

  /** {@code sum += row}, any count. */
  public static void accumulateExact(long row, long sum, int count) {
    int i = 0;
    for (; i <= count - WIDTH; i += WIDTH) {
      store(load(sum + 4L * i).add(load(row + 4L * i)), sum + 4L * i);
    }
    for (; i < count; i++) {
      Lanes.set(sum, i, Lanes.get(sum, i) + Lanes.get(row, i));
    }
  }

  /** {@code sum += row} with a bfloat16 row, any count. */
  static void accumulateHalf(long row, long sum, int count) {
    int i = 0;
    for (; i <= count - WIDTH; i += WIDTH) {
      store(load(sum + 4L * i).add(loadHalf(row + 2L * i)), sum + 4L * i);
    }
    for (; i < count; i++) {
      Lanes.set(sum, i, Lanes.get(sum, i) + Lanes.getHalf(row, i));
    }
  }

  /** Sum of {@code a * b}, in whole vectors. */
  public static float dot(long a, long b, int padded, long scratch) {
    FloatVector sum = Lanes.zero();
    for (int i = 0; i < padded; i += WIDTH) {
      sum = load(a + 4L * i).fma(load(b + 4L * i), sum);
    }
    return Lanes.sum(sum, scratch);
  }
}
