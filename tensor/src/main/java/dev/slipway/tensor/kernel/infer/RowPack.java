package dev.slipway.tensor.kernel.infer;

import dev.slipway.tensor.kernel.Lanes;
import java.lang.foreign.ValueLayout;

/** Loops over bytes while weights are packed. */
final class RowPack {
  private RowPack() {}

  /** Adds to bytes, modulo 256. */
  static void shift(long bytes, int count, int by) {
    for (int i = 0; i < count; i++) {
      byte value = Lanes.MEMORY.get(ValueLayout.JAVA_BYTE, bytes + i);
      Lanes.MEMORY.set(ValueLayout.JAVA_BYTE, bytes + i, (byte) (value + by));
    }
  }
}
