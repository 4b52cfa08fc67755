package dev.slipway.tensor.kernel;

import static dev.slipway.tensor.kernel.Lanes.WIDTH;
import static dev.slipway.tensor.kernel.Lanes.load;
import static dev.slipway.tensor.kernel.Lanes.store;

import jdk.incubator.vector.FloatVector;

/** Loops over one head of queries or keys, of any width. */
public final class RowHeads {
  private RowHeads() {}

  /** {@code x *= factor}. */
  public static void scale(long x, float factor, int count) {
    int i = 0;
    for (; i <= count - WIDTH; i += WIDTH) {
      store(load(x + 4L * i).mul(factor), x + 4L * i);
    }
    for (; i < count; i++) {
      Lanes.set(x, i, Lanes.get(x, i) * factor);
    }
  }

  /**
   * Turns the pairs (x[i], x[i + half]) by the angles whose cosines and sines come; back when
   * {@code sign} is -1.
   */
  public static void rotate(long x, long cos, long sin, float sign, int half) {
    int i = 0;
    for (; i <= half - WIDTH; i += WIDTH) {
      long first = x + 4L * i;
      long second = first + 4L * half;
      FloatVector a = load(first);
      FloatVector b = load(second);
      FloatVector c = load(cos + 4L * i);
      FloatVector s = load(sin + 4L * i).mul(sign);
      store(a.mul(c).sub(b.mul(s)), first);
      store(b.mul(c).add(a.mul(s)), second);
    }
    for (; i < half; i++) {
      float a = Lanes.get(x, i);
      float b = Lanes.get(x, i + half);
      float c = Lanes.get(cos, i);
      float s = Lanes.get(sin, i) * sign;
      Lanes.set(x, i, a * c - b * s);
      Lanes.set(x, i + half, b * c + a * s);
    }
  }

  /** {@code x = x rstd w}. */
  public static void rms(long x, float rstd, long w, int count) {
    int i = 0;
    for (; i <= count - WIDTH; i += WIDTH) {
      store(load(x + 4L * i).mul(rstd).mul(load(w + 4L * i)), x + 4L * i);
    }
    for (; i < count; i++) {
      Lanes.set(x, i, Lanes.get(x, i) * rstd * Lanes.get(w, i));
    }
  }

  /** Sum of {@code dy w x rstd}; adds {@code dy x rstd} to dw. */
  public static float rmsSum(
      long dy, long x, float rstd, long w, long dw, int count, long scratch) {
    FloatVector sum = Lanes.zero();
    int i = 0;
    for (; i <= count - WIDTH; i += WIDTH) {
      long at = 4L * i;
      FloatVector product = load(dy + at).mul(load(x + at).mul(rstd));
      sum = sum.add(product.mul(load(w + at)));
      store(load(dw + at).add(product), dw + at);
    }
    float total = Lanes.sum(sum, scratch);
    for (; i < count; i++) {
      float product = Lanes.get(dy, i) * (Lanes.get(x, i) * rstd);
      total += product * Lanes.get(w, i);
      Lanes.set(dw, i, Lanes.get(dw, i) + product);
    }
    return total;
  }

  /** {@code dy = rstd (dy w - x rstd b)}. */
  public static void rmsBackward(long dy, long x, float rstd, long w, float b, int count) {
    int i = 0;
    for (; i <= count - WIDTH; i += WIDTH) {
      long at = 4L * i;
      FloatVector inner = load(dy + at).mul(load(w + at)).sub(load(x + at).mul(rstd).mul(b));
      store(inner.mul(rstd), dy + at);
    }
    for (; i < count; i++) {
      float inner = Lanes.get(dy, i) * Lanes.get(w, i) - Lanes.get(x, i) * rstd * b;
      Lanes.set(dy, i, inner * rstd);
    }
  }
}
