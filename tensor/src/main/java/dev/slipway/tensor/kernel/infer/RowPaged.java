package dev.slipway.tensor.kernel.infer;

import static dev.slipway.tensor.kernel.Lanes.MEMORY;
import static dev.slipway.tensor.kernel.Lanes.WIDTH;
import static dev.slipway.tensor.kernel.Lanes.broadcast;
import static dev.slipway.tensor.kernel.Lanes.high;
import static dev.slipway.tensor.kernel.Lanes.ints;
import static dev.slipway.tensor.kernel.Lanes.load;
import static dev.slipway.tensor.kernel.Lanes.low;
import static dev.slipway.tensor.kernel.Lanes.store;

import dev.slipway.tensor.kernel.Lanes;
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

  /** A key that is bfloat16 already: pairs of its dimensions share 32 bits there as here. */
  static void storeKeyHalf(long key, long block, int place, int count) {
    long to = block + 4L * place;
    for (int pair = 0; pair < count / 2; pair++, to += 4L * BLOCK) {
      int both = MEMORY.get(ValueLayout.JAVA_INT_UNALIGNED, key + 4L * pair);
      MEMORY.set(ValueLayout.JAVA_INT_UNALIGNED, to, both);
    }
  }

  /** A value that is bfloat16 already. */
  static void storeValueHalf(long value, long block, int place, int count, int padded) {
    long to = block + 2L * (2L * (place / 2) * padded + place % 2);
    for (int d = 0; d < count; d++) {
      Lanes.moveHalf(value + 2L * d, to + 4L * d);
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
        FloatVector a = Lanes.zero();
        FloatVector b = Lanes.zero();
        FloatVector c = Lanes.zero();
        FloatVector e = Lanes.zero();
        for (int d = 0; d < padded; d += 4, at += 16L * BLOCK) {
          a = load(at).fma(broadcast(Lanes.get(query, d)), a);
          b = load(at + 4L * BLOCK).fma(broadcast(Lanes.get(query, d + 1)), b);
          c = load(at + 8L * BLOCK).fma(broadcast(Lanes.get(query, d + 2)), c);
          e = load(at + 12L * BLOCK).fma(broadcast(Lanes.get(query, d + 3)), e);
        }
        store(a.add(b).add(c.add(e)), scores + 4L * ((long) block * BLOCK + o));
      }
    }
  }

  /** Of two dimensions in 32 bits, the odd one is added first, as vdpbf16ps does. */
  static void scoresHalf(long query, long addresses, int blocks, int padded, long scores) {
    for (int block = 0; block < blocks; block++) {
      for (int o = 0; o < BLOCK; o += WIDTH) {
        long at = address(addresses, block) + 4L * o;
        FloatVector sum = Lanes.zero();
        FloatVector other = Lanes.zero();
        for (int first = 0; first < 4; first++) {
          FloatVector part = Lanes.zero();
          for (int pair = first; pair < padded / 2; pair += 4) {
            IntVector both = ints(at + 4L * BLOCK * pair);
            part = high(both).fma(broadcast(Lanes.getHalf(query, 2L * pair + 1)), part);
            part = low(both).fma(broadcast(Lanes.getHalf(query, 2L * pair)), part);
          }
          if (first < 2) {
            sum = first == 0 ? part : sum.add(part);
          } else {
            other = first == 2 ? part : other.add(part);
          }
        }
        store(sum.add(other), scores + 4L * ((long) block * BLOCK + o));
      }
    }
  }

  /** Leaves positions out of a softmax: all but those {@code from} to {@code to}. */
  static void hide(long scores, int from, int to, int count) {
    for (int i = 0; i < from; i++) {
      Lanes.set(scores, i, Float.NEGATIVE_INFINITY);
    }
    for (int i = to; i < count; i++) {
      Lanes.set(scores, i, Float.NEGATIVE_INFINITY);
    }
  }

  /**
   * {@code e^(s - max)} of positions {@code from} to {@code to}, 0 elsewhere.
   *
   * @param count all positions, whole vectors
   * @return their sum
   */
  static float softmax(long scores, int from, int to, int count, long scratch) {
    hide(scores, from, to, count);
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

  /** {@code y = Σ share v}, for {@code padded} dimensions. */
  static void mix(long shares, long addresses, int blocks, long offset, int padded, long y) {
    for (int d = 0; d < padded; d += WIDTH) {
      FloatVector sum = Lanes.zero();
      for (int block = 0; block < blocks; block++) {
        long at = address(addresses, block) + offset + 4L * d;
        long share = shares + 4L * block * BLOCK;
        for (int i = 0; i < BLOCK; i++, at += 4L * padded) {
          sum = load(at).fma(broadcast(Lanes.get(share, i)), sum);
        }
      }
      store(sum, y + 4L * d);
    }
  }

  static void mixHalf(long shares, long addresses, int blocks, long offset, int padded, long y) {
    for (int d = 0; d < padded; d += WIDTH) {
      FloatVector sum = Lanes.zero();
      for (int block = 0; block < blocks; block++) {
        long at = address(addresses, block) + offset + 4L * d;
        long share = shares + 2L * block * BLOCK;
        for (int i = 0; i < BLOCK; i += 2, at += 4L * padded) {
          IntVector both = ints(at);
          sum = high(both).fma(broadcast(Lanes.getHalf(share, i + 1)), sum);
          sum = low(both).fma(broadcast(Lanes.getHalf(share, i)), sum);
        }
      }
      store(sum, y + 4L * d);
    }
  }
}
