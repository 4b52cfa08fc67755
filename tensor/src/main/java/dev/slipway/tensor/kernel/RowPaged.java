package dev.slipway.tensor.kernel;

import static dev.slipway.tensor.kernel.Lanes.MEMORY;
import static dev.slipway.tensor.kernel.Lanes.WIDTH;
import static dev.slipway.tensor.kernel.Lanes.broadcast;
import static dev.slipway.tensor.kernel.Lanes.high;
import static dev.slipway.tensor.kernel.Lanes.ints;
import static dev.slipway.tensor.kernel.Lanes.load;
import static dev.slipway.tensor.kernel.Lanes.low;
import static dev.slipway.tensor.kernel.Lanes.store;

import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** Loops of {@link PagedAttention}: one query over the blocks whose addresses come. */
final class RowPaged {
  private static final int BLOCK = PagedAttention.BLOCK;

  private RowPaged() {}

  // ---- storing ----

  static void storeKey(long key, long block, int place, int count) {
    for (int d = 0; d < count; d++) {
      Lanes.set(block, (long) d * BLOCK + place, Lanes.get(key, d));
    }
  }

  static void storeKeyHalf(long key, long block, int place, int count) {
    for (int d = 0; d < count; d++) {
      Lanes.setHalf(block, 2L * (d / 2 * BLOCK + place) + d % 2, Lanes.get(key, d));
    }
  }

  static void storeValueHalf(long value, long block, int place, int count, int padded) {
    for (int d = 0; d < count; d++) {
      Lanes.setHalf(block, 2L * (place / 2 * padded + d) + place % 2, Lanes.get(value, d));
    }
  }

  // ---- scores ----

  private static long address(long addresses, int block) {
    return MEMORY.get(ValueLayout.JAVA_LONG, addresses + 8L * block);
  }

  static void scores(long query, long addresses, int blocks, int padded, long scores) {
    for (int block = 0; block < blocks; block++) {
      for (int o = 0; o < BLOCK; o += WIDTH) {
        long at = address(addresses, block) + 4L * o;
        FloatVector even = Lanes.zero();
        FloatVector odd = Lanes.zero();
        for (int d = 0; d < padded; d += 2, at += 8L * BLOCK) {
          even = load(at).fma(broadcast(Lanes.get(query, d)), even);
          odd = load(at + 4L * BLOCK).fma(broadcast(Lanes.get(query, d + 1)), odd);
        }
        store(even.add(odd), scores + 4L * ((long) block * BLOCK + o));
      }
    }
  }

  static void scoresHalf(long query, long addresses, int blocks, int padded, long scores) {
    for (int block = 0; block < blocks; block++) {
      for (int o = 0; o < BLOCK; o += WIDTH) {
        long at = address(addresses, block) + 4L * o;
        FloatVector a = Lanes.zero();
        FloatVector b = Lanes.zero();
        FloatVector c = Lanes.zero();
        FloatVector e = Lanes.zero();
        for (int d = 0; d < padded; d += 4, at += 8L * BLOCK) {
          IntVector first = ints(at);
          IntVector second = ints(at + 4L * BLOCK);
          a = low(first).fma(broadcast(Lanes.get(query, d)), a);
          b = high(first).fma(broadcast(Lanes.get(query, d + 1)), b);
          c = low(second).fma(broadcast(Lanes.get(query, d + 2)), c);
          e = high(second).fma(broadcast(Lanes.get(query, d + 3)), e);
        }
        store(a.add(b).add(c.add(e)), scores + 4L * ((long) block * BLOCK + o));
      }
    }
  }

  /**
   * {@code e^(s - max)} of positions {@code from} to {@code to}, 0 elsewhere.
   *
   * @param count all positions, whole vectors
   * @return their sum
   */
  static float softmax(long scores, int from, int to, int count, long scratch) {
    for (int i = 0; i < from; i++) {
      Lanes.set(scores, i, Float.NEGATIVE_INFINITY);
    }
    for (int i = to; i < count; i++) {
      Lanes.set(scores, i, Float.NEGATIVE_INFINITY);
    }
    FloatVector largest = broadcast(Float.NEGATIVE_INFINITY);
    for (int i = 0; i < count; i += WIDTH) {
      largest = largest.max(load(scores + 4L * i));
    }
    store(largest, scratch);
    float max = Lanes.get(scratch, 0);
    for (int i = 1; i < WIDTH; i++) {
      max = Math.max(max, Lanes.get(scratch, i));
    }
    FloatVector sum = Lanes.zero();
    for (int i = 0; i < count; i += WIDTH) {
      FloatVector score = load(scores + 4L * i);
      FloatVector power = Lanes.exp(score.sub(max));
      FloatVector share =
          power.blend(0f, score.compare(VectorOperators.EQ, Float.NEGATIVE_INFINITY));
      store(share, scores + 4L * i);
      sum = sum.add(share);
    }
    return Lanes.sum(sum, scratch);
  }

  // ---- mixtures ----

  /** {@code y = factor Σ share v}, for {@code padded} dimensions. */
  static void mix(
      long shares, long addresses, int blocks, long offset, int padded, float factor, long y) {
    for (int d = 0; d < padded; d += WIDTH) {
      FloatVector even = Lanes.zero();
      FloatVector odd = Lanes.zero();
      for (int block = 0; block < blocks; block++) {
        long at = address(addresses, block) + offset + 4L * d;
        long share = shares + 4L * block * BLOCK;
        for (int i = 0; i < BLOCK; i += 2, at += 8L * padded) {
          even = load(at).fma(broadcast(Lanes.get(share, i)), even);
          odd = load(at + 4L * padded).fma(broadcast(Lanes.get(share, i + 1)), odd);
        }
      }
      store(even.add(odd).mul(factor), y + 4L * d);
    }
  }

  static void mixHalf(
      long shares, long addresses, int blocks, long offset, int padded, float factor, long y) {
    int d = 0;
    for (; d <= padded - 4 * WIDTH; d += 4 * WIDTH) {
      mixFour(shares, addresses, blocks, offset + 4L * d, padded, factor, y + 4L * d);
    }
    for (; d < padded; d += WIDTH) {
      mixOne(shares, addresses, blocks, offset + 4L * d, padded, factor, y + 4L * d);
    }
  }

  private static void mixFour(
      long shares, long addresses, int blocks, long offset, int padded, float factor, long y) {
    FloatVector a = Lanes.zero();
    FloatVector b = Lanes.zero();
    FloatVector c = Lanes.zero();
    FloatVector e = Lanes.zero();
    for (int block = 0; block < blocks; block++) {
      long at = address(addresses, block) + offset;
      long share = shares + 4L * block * BLOCK;
      for (int i = 0; i < BLOCK; i += 2, at += 4L * padded) {
        FloatVector even = broadcast(Lanes.get(share, i));
        FloatVector odd = broadcast(Lanes.get(share, i + 1));
        IntVector first = ints(at);
        IntVector second = ints(at + 4L * WIDTH);
        IntVector third = ints(at + 8L * WIDTH);
        IntVector fourth = ints(at + 12L * WIDTH);
        a = low(first).fma(even, a);
        b = low(second).fma(even, b);
        c = low(third).fma(even, c);
        e = low(fourth).fma(even, e);
        a = high(first).fma(odd, a);
        b = high(second).fma(odd, b);
        c = high(third).fma(odd, c);
        e = high(fourth).fma(odd, e);
      }
    }
    store(a.mul(factor), y);
    store(b.mul(factor), y + 4L * WIDTH);
    store(c.mul(factor), y + 8L * WIDTH);
    store(e.mul(factor), y + 12L * WIDTH);
  }

  private static void mixOne(
      long shares, long addresses, int blocks, long offset, int padded, float factor, long y) {
    FloatVector sum = Lanes.zero();
    for (int block = 0; block < blocks; block++) {
      long at = address(addresses, block) + offset;
      long share = shares + 4L * block * BLOCK;
      for (int i = 0; i < BLOCK; i += 2, at += 4L * padded) {
        IntVector both = ints(at);
        sum = low(both).fma(broadcast(Lanes.get(share, i)), sum);
        sum = high(both).fma(broadcast(Lanes.get(share, i + 1)), sum);
      }
    }
    store(sum.mul(factor), y);
  }
}
