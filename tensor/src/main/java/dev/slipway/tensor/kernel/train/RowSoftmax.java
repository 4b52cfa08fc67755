package dev.slipway.tensor.kernel.train;

import static dev.slipway.tensor.kernel.Lanes.WIDTH;
import static dev.slipway.tensor.kernel.Lanes.load;
import static dev.slipway.tensor.kernel.Lanes.store;

import dev.slipway.tensor.kernel.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Loops of softmax and cross-entropy, in whole vectors. */
final class RowSoftmax {
  private RowSoftmax() {}

  static float max(long x, int padded) {
    FloatVector max = load(x);
    for (int i = WIDTH; i < padded; i += WIDTH) {
      FloatVector next = load(x + 4L * i);
      max = max.blend(next, next.compare(VectorOperators.GT, max));
    }
    return max.reduceLanes(VectorOperators.MAX);
  }

  /** {@code x = exp(x - max)}; gives the sum. */
  static float exponentials(long x, float max, int padded, long scratch) {
    FloatVector sum = Lanes.zero();
    for (int i = 0; i < padded; i += WIDTH) {
      FloatVector e = Lanes.exp(load(x + 4L * i).sub(max));
      sum = sum.add(e);
      store(e, x + 4L * i);
    }
    return Lanes.sum(sum, scratch);
  }

  /** {@code dp = p (dp - dot)}. */
  static void backward(long dp, long p, float dot, int padded) {
    for (int i = 0; i < padded; i += WIDTH) {
      store(load(dp + 4L * i).sub(dot).mul(load(p + 4L * i)), dp + 4L * i);
    }
  }
}
