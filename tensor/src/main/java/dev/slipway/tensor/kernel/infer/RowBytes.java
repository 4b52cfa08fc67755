package dev.slipway.tensor.kernel.infer;

import static dev.slipway.tensor.kernel.Lanes.MEMORY;
import static dev.slipway.tensor.kernel.Lanes.WIDTH;
import static dev.slipway.tensor.kernel.Lanes.ints;
import static dev.slipway.tensor.kernel.Lanes.load;
import static dev.slipway.tensor.kernel.Lanes.store;

import dev.slipway.tensor.kernel.Lanes;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Loops of attention over keys and values in bytes, each key and each value with a scale. Queries
 * and shares are numbers of 16 bits, an upper byte and a lower one, so that all sums are exact.
 *
 * <p>Such a row begins with what its sums of upper and of lower bytes begin with (bytes of keys and
 * values are kept without a sign, which {@code -128 Σ} takes back) and a scale; {@value #HEADER}
 * bytes from there, 16 upper bytes and 16 lower ones take turns.
 */
final class RowBytes {
  /** Bytes before a row's values. */
  static final int HEADER = 64;

  /** Where in it the scale is. */
  static final int SCALE = 8;

  /** Bytes are -127 to 127. */
  static final int MOST = 127;

  /** Numbers of 16 bits are such that the upper byte is one, too. */
  static final int MOST_SPLIT = 32_639;

  /** Magnitudes below are taken for 0: their factor would be infinite. */
  static final float NOTHING = 1e-30f;

  /** Adding it rounds a float of small magnitude to an integer, in its lowest bits. */
  static final float ROUND = 12582912f;

  private static final int ROUND_BITS = Float.floatToRawIntBits(ROUND);
  private static final int ZERO = 128;
  private static final int BLOCK = PagedAttention.BLOCK;

  private RowBytes() {}

  /** Bytes of a row of so many values. */
  static long splitBytes(int count) {
    return HEADER + 2L * count;
  }

  /** What a row of such magnitudes is multiplied by. */
  static float splitFactor(float largest) {
    return largest < NOTHING ? 0 : MOST_SPLIT / largest;
  }

  private static int rounded(float value) {
    return Float.floatToRawIntBits(value + ROUND) - ROUND_BITS;
  }

  // ---- storing ----

  private static float scale(float largest) {
    return largest < NOTHING ? 0 : largest / MOST;
  }

  private static float largest(long values, int count) {
    float largest = 0;
    for (int i = 0; i < count; i++) {
      largest = Math.max(largest, Math.abs(Lanes.get(values, i)));
    }
    return largest;
  }

  /**
   * A key into a block of {@code 16 padded} bytes and the 16 scales behind them; four dimensions of
   * a position are neighbours.
   */
  static void storeKey(long key, long block, int place, int count, int padded) {
    float largest = largest(key, count);
    float factor = largest < NOTHING ? 0 : MOST / largest;
    for (int d = 0; d < count; d++) {
      byte value = (byte) (rounded(factor * Lanes.get(key, d)) + ZERO);
      long at = block + 4L * (d / 4 * BLOCK + place) + d % 4;
      MEMORY.set(ValueLayout.JAVA_BYTE, at, value);
    }
    Lanes.set(block + (long) BLOCK * padded, place, scale(largest));
  }

  /** As {@link #storeKey}, but that four positions of a dimension are neighbours. */
  static void storeValue(long value, long block, int place, int count, int padded) {
    float largest = largest(value, count);
    float factor = largest < NOTHING ? 0 : MOST / largest;
    for (int d = 0; d < count; d++) {
      byte rounded = (byte) (rounded(factor * Lanes.get(value, d)) + ZERO);
      long at = block + 4L * (place / 4 * padded + d) + place % 4;
      MEMORY.set(ValueLayout.JAVA_BYTE, at, rounded);
    }
    Lanes.set(block + (long) BLOCK * padded, place, scale(largest));
  }

  // ---- queries and shares ----

  /**
   * {@code factor x}, rounded to 16 bits, and what sums begin with; the scale is left.
   *
   * @param count a multiple of 16
   */
  static void split(long x, float factor, int count, long y) {
    int whole = 0;
    int uppers = 0;
    for (int i = 0; i < count; i++) {
      int value = rounded(factor * Lanes.get(x, i));
      int upper = value + 128 >> 8;
      long at = y + HEADER + 2L * (i - i % BLOCK) + i % BLOCK;
      MEMORY.set(ValueLayout.JAVA_BYTE, at, (byte) upper);
      MEMORY.set(ValueLayout.JAVA_BYTE, at + BLOCK, (byte) value);
      whole += value;
      uppers += upper;
    }
    begin(y, whole, uppers);
  }

  /**
   * @param whole sum of the numbers
   * @param uppers sum of their upper bytes
   */
  static void begin(long row, int whole, int uppers) {
    MEMORY.set(ValueLayout.JAVA_INT, row, -ZERO * uppers);
    MEMORY.set(ValueLayout.JAVA_INT, row + 4, -ZERO * (whole - 256 * uppers));
  }

  /**
   * {@code x *= w}, where w is 16 values at an offset from an address, each after the other.
   *
   * @return the largest, at least 0
   */
  static float weigh(long x, long addresses, long offset, int count) {
    float largest = 0;
    for (int i = 0; i < count; i++) {
      long block = MEMORY.get(ValueLayout.JAVA_LONG, addresses + 8L * (i / BLOCK));
      float weighed = Lanes.get(x, i) * Lanes.get(block + offset, i % BLOCK);
      Lanes.set(x, i, weighed);
      largest = Math.max(largest, weighed);
    }
    return largest;
  }

  // ---- products ----

  /** Scores of one query, which has its scale. */
  static void scores(long query, long addresses, int blocks, int padded, long scores) {
    float scale = Lanes.get(query + SCALE, 0);
    for (int block = 0; block < blocks; block++) {
      long keys = MEMORY.get(ValueLayout.JAVA_LONG, addresses + 8L * block);
      for (int o = 0; o < BLOCK; o += WIDTH) {
        IntVector upper = IntVector.broadcast(Lanes.INTS, start(query, 0));
        IntVector lower = IntVector.broadcast(Lanes.INTS, start(query, 1));
        for (int step = 0; step < padded / 4; step++) {
          IntVector bytes = ints(keys + 4L * (step * BLOCK + o));
          long at = query + HEADER + 32L * (step / 4) + 4L * (step % 4);
          upper = Lanes.dot(bytes, at, upper);
          lower = Lanes.dot(bytes, at + BLOCK, lower);
        }
        FloatVector sum = floats(upper.lanewise(VectorOperators.LSHL, 8).add(lower));
        FloatVector scales = load(keys + (long) BLOCK * padded + 4L * o);
        store(sum.mul(scales).mul(scale), scores + 4L * ((long) block * BLOCK + o));
      }
    }
  }

  /** {@code y = Σ share v}, without the shares' scale, for {@code padded} dimensions. */
  static void mix(long shares, long addresses, int blocks, long offset, int padded, long y) {
    for (int d = 0; d < padded; d += WIDTH) {
      IntVector upper = IntVector.broadcast(Lanes.INTS, start(shares, 0));
      IntVector lower = IntVector.broadcast(Lanes.INTS, start(shares, 1));
      for (int block = 0; block < blocks; block++) {
        long values = MEMORY.get(ValueLayout.JAVA_LONG, addresses + 8L * block) + offset + 4L * d;
        long at = shares + HEADER + 32L * block;
        for (int step = 0; step < BLOCK / 4; step++) {
          IntVector bytes = ints(values + 4L * padded * step);
          upper = Lanes.dot(bytes, at + 4L * step, upper);
          lower = Lanes.dot(bytes, at + 4L * step + BLOCK, lower);
        }
      }
      store(floats(upper).fma(Lanes.broadcast(256f), floats(lower)), y + 4L * d);
    }
  }

  private static int start(long row, int which) {
    return MEMORY.get(ValueLayout.JAVA_INT, row + 4L * which);
  }

  private static FloatVector floats(IntVector values) {
    return (FloatVector) values.convertShape(VectorOperators.I2F, Lanes.FLOATS, 0);
  }
}
