package dev.slipway.tensor.kernel;

import static dev.slipway.tensor.kernel.Lanes.WIDTH;
import static dev.slipway.tensor.kernel.Lanes.load;

import jdk.incubator.vector.FloatVector;

/** Loops over flat memory of any length. */
public final class RowFlat {
  private RowFlat() {}

  /** Sum of x², any count. */
  public static float squares(long x, int count, long scratch) {
    FloatVector sum = Lanes.zero();
    int i = 0;
    for (; i <= count - WIDTH; i += WIDTH) {
      FloatVector value = load(x + 4L * i);
      sum = value.fma(value, sum);
    }
    float total = Lanes.sum(sum, scratch);
    for (; i < count; i++) {
      float value = Lanes.get(x, i);
      total = Math.fma(value, value, total);
    }
    return total;
  }
}
