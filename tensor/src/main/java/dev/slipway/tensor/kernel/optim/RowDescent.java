package dev.slipway.tensor.kernel.optim;

import static dev.slipway.tensor.kernel.Lanes.WIDTH;
import static dev.slipway.tensor.kernel.Lanes.broadcast;
import static dev.slipway.tensor.kernel.Lanes.load;
import static dev.slipway.tensor.kernel.Lanes.store;

import dev.slipway.tensor.kernel.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Loops of {@link Descent}, of any length. */
final class RowDescent {
  private RowDescent() {}

  /** {@code out = scale g + l1 sign(p) + l2 p}. */
  static void gradient(long g, long p, long out, int count, float scale, float l1, float l2) {
    int i = 0;
    for (; i <= count - WIDTH; i += WIDTH) {
      long at = 4L * i;
      FloatVector value = load(p + at);
      FloatVector up = Lanes.zero().blend(l1, value.compare(VectorOperators.GT, 0f));
      FloatVector sign = up.blend(-l1, value.compare(VectorOperators.LT, 0f));
      store(load(g + at).mul(scale).add(value.mul(l2)).add(sign), out + at);
    }
    for (; i < count; i++) {
      float value = Lanes.get(p, i);
      Lanes.set(out, i, Lanes.get(g, i) * scale + value * l2 + Math.signum(value) * l1);
    }
  }

  /** {@code p -= rate g}. */
  static void plain(long p, long g, int count, float rate) {
    int i = 0;
    for (; i <= count - WIDTH; i += WIDTH) {
      long at = 4L * i;
      store(load(p + at).sub(load(g + at).mul(rate)), p + at);
    }
    for (; i < count; i++) {
      Lanes.set(p, i, Lanes.get(p, i) - Lanes.get(g, i) * rate);
    }
  }

  /**
   * {@code b = momentum b + share g; p -= rate b}, or {@code rate (g + momentum b)} with {@code
   * ahead} 1 in place of 0.
   */
  static void momentum(
      long p, long g, long b, int count, float momentum, float share, float ahead, float rate) {
    float ofGradient = ahead;
    float ofBuffer = ahead == 0 ? 1 : momentum;
    int i = 0;
    for (; i <= count - WIDTH; i += WIDTH) {
      long at = 4L * i;
      FloatVector gradient = load(g + at);
      FloatVector buffer = load(b + at).mul(momentum).add(gradient.mul(share));
      store(buffer, b + at);
      FloatVector step = gradient.mul(ofGradient).add(buffer.mul(ofBuffer));
      store(load(p + at).sub(step.mul(rate)), p + at);
    }
    for (; i < count; i++) {
      float gradient = Lanes.get(g, i);
      float buffer = Lanes.get(b, i) * momentum + gradient * share;
      Lanes.set(b, i, buffer);
      float step = gradient * ofGradient + buffer * ofBuffer;
      Lanes.set(p, i, Lanes.get(p, i) - step * rate);
    }
  }

  /** {@code v = alpha v + (1 - alpha) g²; g = g / (√v + epsilon)}. */
  static void rmsProp(long g, long v, int count, float alpha, float epsilon) {
    int i = 0;
    for (; i <= count - WIDTH; i += WIDTH) {
      long at = 4L * i;
      FloatVector gradient = load(g + at);
      FloatVector square = load(v + at).mul(alpha).add(gradient.mul(gradient).mul(1 - alpha));
      store(square, v + at);
      store(gradient.div(square.sqrt().add(broadcast(epsilon))), g + at);
    }
    for (; i < count; i++) {
      float gradient = Lanes.get(g, i);
      float square = Lanes.get(v, i) * alpha + gradient * gradient * (1 - alpha);
      Lanes.set(v, i, square);
      Lanes.set(g, i, gradient / ((float) Math.sqrt(square) + epsilon));
    }
  }

  /** As {@link #rmsProp} with {@code m = alpha m + (1 - alpha) g} and {@code √(v - m²)}. */
  static void centred(long g, long v, long m, int count, float alpha, float epsilon) {
    int i = 0;
    for (; i <= count - WIDTH; i += WIDTH) {
      long at = 4L * i;
      FloatVector gradient = load(g + at);
      FloatVector square = load(v + at).mul(alpha).add(gradient.mul(gradient).mul(1 - alpha));
      FloatVector mean = load(m + at);
      FloatVector moved = gradient.sub(mean).fma(broadcast(1 - alpha), mean);
      store(square, v + at);
      store(moved, m + at);
      FloatVector variance = square.sub(moved.mul(moved));
      store(gradient.div(variance.sqrt().add(broadcast(epsilon))), g + at);
    }
    for (; i < count; i++) {
      float gradient = Lanes.get(g, i);
      float square = Lanes.get(v, i) * alpha + gradient * gradient * (1 - alpha);
      float moved = Math.fma(gradient - Lanes.get(m, i), 1 - alpha, Lanes.get(m, i));
      Lanes.set(v, i, square);
      Lanes.set(m, i, moved);
      Lanes.set(g, i, gradient / ((float) Math.sqrt(square - moved * moved) + epsilon));
    }
  }

  /** {@code s += g²; g = g / (√s + epsilon)}. */
  static void adagrad(long g, long s, int count, float epsilon) {
    int i = 0;
    for (; i <= count - WIDTH; i += WIDTH) {
      long at = 4L * i;
      FloatVector gradient = load(g + at);
      FloatVector sum = load(s + at).add(gradient.mul(gradient));
      store(sum, s + at);
      store(gradient.div(sum.sqrt().add(broadcast(epsilon))), g + at);
    }
    for (; i < count; i++) {
      float gradient = Lanes.get(g, i);
      float sum = Lanes.get(s, i) + gradient * gradient;
      Lanes.set(s, i, sum);
      Lanes.set(g, i, gradient / ((float) Math.sqrt(sum) + epsilon));
    }
  }
}
