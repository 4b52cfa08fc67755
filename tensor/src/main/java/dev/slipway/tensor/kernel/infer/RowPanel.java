package dev.slipway.tensor.kernel.infer;

import static dev.slipway.tensor.kernel.Lanes.FLOATS;
import static dev.slipway.tensor.kernel.Lanes.INTS;
import static dev.slipway.tensor.kernel.Lanes.MEMORY;
import static dev.slipway.tensor.kernel.Lanes.ORDER;
import static dev.slipway.tensor.kernel.Lanes.WIDTH;
import static dev.slipway.tensor.kernel.Lanes.broadcast;
import static dev.slipway.tensor.kernel.Lanes.dot;
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

/**
 * Loops of {@link PackedLinear} where {@link TileCode} can't run, with the same bits: one row by a
 * panel; and the packing of weights and rows.
 */
final class RowPanel {
  private static final int STEP = 4 * PackedLinear.PANEL;

  /** Adding it rounds a float of small magnitude to an integer, in its lowest bits. */
  private static final float ROUND = 12582912f;

  private RowPanel() {}

  static void floats(long x, long w, long steps, long y) {
    for (int o = 0; o < PackedLinear.PANEL; o += 2 * WIDTH) {
      FloatVector a = Lanes.zero();
      FloatVector b = Lanes.zero();
      long at = w + 4L * o;
      for (long k = 0; k < steps; k++, at += STEP) {
        FloatVector value = broadcast(Lanes.get(x, k));
        a = load(at).fma(value, a);
        b = load(at + 4L * WIDTH).fma(value, b);
      }
      store(a, y + 4L * o);
      store(b, y + 4L * (o + WIDTH));
    }
  }

  /** Of two values in 32 bits, the odd one is added first, as vdpbf16ps does. */
  static void halves(long x, long w, long steps, long y) {
    for (int o = 0; o < PackedLinear.PANEL; o += 2 * WIDTH) {
      FloatVector a = Lanes.zero();
      FloatVector b = Lanes.zero();
      long at = w + 4L * o;
      for (long k = 0; k < steps; k++, at += STEP) {
        FloatVector even = broadcast(Lanes.getHalf(x, 2 * k));
        FloatVector odd = broadcast(Lanes.getHalf(x, 2 * k + 1));
        IntVector first = ints(at);
        IntVector second = ints(at + 4L * WIDTH);
        a = high(first).fma(odd, a);
        b = high(second).fma(odd, b);
        a = low(first).fma(even, a);
        b = low(second).fma(even, b);
      }
      store(a, y + 4L * o);
      store(b, y + 4L * (o + WIDTH));
    }
  }

  /** One group of bytes: {@code y += scale Σ w x}. */
  static void bytes(long x, long w, long y) {
    FloatVector scale = broadcast(Lanes.get(x + Operand.GROUP + 4, 0));
    for (int o = 0; o < PackedLinear.PANEL; o += WIDTH) {
      IntVector sum =
          IntVector.broadcast(INTS, MEMORY.get(ValueLayout.JAVA_INT, x + Operand.GROUP));
      for (int step = 0; step < Operand.GROUP / 4; step++) {
        sum = dot(ints(w + (long) STEP * step + 4L * o), x + 4L * step, sum);
      }
      FloatVector value = (FloatVector) sum.convertShape(VectorOperators.I2F, FLOATS, 0);
      store(value.fma(scale, load(y + 4L * o)), y + 4L * o);
    }
  }

  /** One group of half bytes with scales behind them: {@code y += scale scale Σ w x}. */
  static void halfBytes(long x, long w, long y) {
    float scale = Lanes.get(x + Operand.GROUP + 4, 0);
    int steps = Operand.GROUP / 8;
    for (int o = 0; o < PackedLinear.PANEL; o += WIDTH) {
      IntVector sum =
          IntVector.broadcast(INTS, MEMORY.get(ValueLayout.JAVA_INT, x + Operand.GROUP));
      for (int step = 0; step < steps; step++) {
        IntVector both = ints(w + (long) STEP * step + 4L * o);
        sum = dot(both.and(0x0F0F0F0F), x + 8L * step, sum);
        IntVector upper = both.lanewise(VectorOperators.LSHR, 4).and(0x0F0F0F0F);
        sum = dot(upper, x + 8L * step + 4, sum);
      }
      FloatVector scales = load(w + (long) STEP * steps + 4L * o).mul(scale);
      FloatVector value = (FloatVector) sum.convertShape(VectorOperators.I2F, FLOATS, 0);
      store(value.fma(scales, load(y + 4L * o)), y + 4L * o);
    }
  }

  /** {@code y *= w}. */
  static void multiply(long y, long w) {
    for (int o = 0; o < PackedLinear.PANEL; o += WIDTH) {
      store(load(y + 4L * o).mul(load(w + 4L * o)), y + 4L * o);
    }
  }

  // ---- packing ----

  /** 32 bits of each of a panel's rows, step by step. */
  static void transpose(long rows, long stride, long to, int steps) {
    for (int step = 0; step < steps; step++) {
      for (int o = 0; o < PackedLinear.PANEL; o++) {
        int bits = MEMORY.get(ValueLayout.JAVA_INT_UNALIGNED, rows + o * stride + 4L * step);
        MEMORY.set(ValueLayout.JAVA_INT, to + (long) STEP * step + 4L * o, bits);
      }
    }
  }

  /** As {@link #transpose}, with bytes of two steps in one, the first one below. */
  static void transposeHalf(long rows, long stride, long to, int steps) {
    for (int step = 0; step < steps; step += 2) {
      for (int o = 0; o < PackedLinear.PANEL; o++) {
        long from = rows + o * stride + 4L * step;
        int low = MEMORY.get(ValueLayout.JAVA_INT_UNALIGNED, from);
        int high = MEMORY.get(ValueLayout.JAVA_INT_UNALIGNED, from + 4);
        MEMORY.set(ValueLayout.JAVA_INT, to + (long) STEP * (step / 2) + 4L * o, low | high << 4);
      }
    }
  }

  /** Largest magnitude of whole vectors. */
  static float largest(long values, long scratch, int count) {
    FloatVector largest = Lanes.zero();
    for (int i = 0; i < count; i += WIDTH) {
      largest = largest.max(load(values + 4L * i).abs());
    }
    store(largest, scratch);
    float result = 0;
    for (int i = 0; i < WIDTH; i++) {
      result = Math.max(result, Lanes.get(scratch, i));
    }
    return result;
  }

  /** Bytes of {@code factor x}, rounded to the nearest, ties to even; whole vectors. */
  static void quantise(long values, float factor, long to, int count) {
    for (int i = 0; i < count; i += WIDTH) {
      IntVector rounded = load(values + 4L * i).mul(factor).add(ROUND).reinterpretAsInts();
      ((jdk.incubator.vector.ByteVector) rounded.convertShape(VectorOperators.I2B, Lanes.BYTES, 0))
          .intoMemorySegment(MEMORY, to + i, ORDER);
    }
  }

  /** What a group's sum begins with, {@code -zero Σ x}, and its scale. */
  static void start(long group, int zero, float scale) {
    int sum = 0;
    for (int i = 0; i < Operand.GROUP; i++) {
      sum += MEMORY.get(ValueLayout.JAVA_BYTE, group + i);
    }
    MEMORY.set(ValueLayout.JAVA_INT, group + Operand.GROUP, -zero * sum);
    Lanes.set(group + Operand.GROUP + 4, 0, scale);
  }
}
