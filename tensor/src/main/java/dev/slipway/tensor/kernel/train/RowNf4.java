package dev.slipway.tensor.kernel.train;

import static dev.slipway.tensor.kernel.Lanes.WIDTH;
import static dev.slipway.tensor.kernel.Lanes.broadcast;
import static dev.slipway.tensor.kernel.Lanes.load;
import static dev.slipway.tensor.kernel.Lanes.store;
import static dev.slipway.tensor.kernel.Lanes.storeHalf;

import dev.slipway.tensor.kernel.Lanes;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;

/** Loops over one block of {@link Nf4}. */
final class RowNf4 {
  private RowNf4() {}

  /** Table values of packed codes, to room for an even number of floats. */
  static void unpack(long codes, long to, int length, long[] pairs) {
    for (int i = 0; i < (length + 1) / 2; i++) {
      int code = Lanes.MEMORY.get(ValueLayout.JAVA_BYTE, codes + i) & 0xFF;
      Lanes.MEMORY.set(ValueLayout.JAVA_LONG_UNALIGNED, to + 8L * i, pairs[code]);
    }
  }

  static void scaleExact(long from, float factor, long to, int length) {
    FloatVector factors = broadcast(factor);
    int i = 0;
    for (; i <= length - WIDTH; i += WIDTH) {
      store(load(from + 4L * i).mul(factors), to + 4L * i);
    }
    for (; i < length; i++) {
      Lanes.set(to, i, Lanes.get(from, i) * factor);
    }
  }

  static void scaleHalf(long from, float factor, long to, int length) {
    FloatVector factors = broadcast(factor);
    int i = 0;
    for (; i <= length - WIDTH; i += WIDTH) {
      storeHalf(load(from + 4L * i).mul(factors), to + 2L * i);
    }
    for (; i < length; i++) {
      Lanes.setHalf(to, i, Lanes.get(from, i) * factor);
    }
  }
}
