package dev.slipway.tensor.kernel.optim;

import static dev.slipway.tensor.kernel.Lanes.WIDTH;
import static dev.slipway.tensor.kernel.Lanes.broadcast;
import static dev.slipway.tensor.kernel.Lanes.load;
import static dev.slipway.tensor.kernel.Lanes.store;

import dev.slipway.tensor.kernel.Lanes;
import jdk.incubator.vector.FloatVector;

/** The loop of {@link AdamW} and of {@link Descent}, of any length. */
final class RowAdamW {
  private RowAdamW() {}

  /**
   * One step of AdamW on {@code count} values at four addresses.
   *
   * @param keep 1 - learning rate · weight decay
   * @param rate learning rate / (1 - β₁^step)
   * @param root 1 / √(1 - β₂^step)
   */
  static void step(
      long p,
      long g,
      long m,
      long v,
      int count,
      float scale,
      float beta1,
      float beta2,
      float epsilon,
      float keep,
      float rate,
      float root) {
    int i = 0;
    for (; i <= count - WIDTH; i += WIDTH) {
      long at = 4L * i;
      FloatVector gradient = load(g + at).mul(scale);
      FloatVector mean = load(m + at).mul(beta1).add(gradient.mul(1 - beta1));
      FloatVector square = load(v + at).mul(beta2).add(gradient.mul(gradient).mul(1 - beta2));
      FloatVector below = square.sqrt().fma(broadcast(root), broadcast(epsilon));
      store(mean, m + at);
      store(square, v + at);
      store(load(p + at).mul(keep).sub(mean.mul(rate).div(below)), p + at);
    }
    for (; i < count; i++) {
      float gradient = Lanes.get(g, i) * scale;
      float mean = Lanes.get(m, i) * beta1 + gradient * (1 - beta1);
      float square = Lanes.get(v, i) * beta2 + gradient * gradient * (1 - beta2);
      float below = Math.fma((float) Math.sqrt(square), root, epsilon);
      Lanes.set(m, i, mean);
      Lanes.set(v, i, square);
      Lanes.set(p, i, Lanes.get(p, i) * keep - mean * rate / below);
    }
  }
}
