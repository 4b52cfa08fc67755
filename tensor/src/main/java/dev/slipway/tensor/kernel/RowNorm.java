package dev.slipway.tensor.kernel;

import static dev.slipway.tensor.kernel.Lanes.WIDTH;
import static dev.slipway.tensor.kernel.Lanes.load;
import static dev.slipway.tensor.kernel.Lanes.store;

import jdk.incubator.vector.FloatVector;

/** Loops of LayerNorm and RMSNorm over one row, in whole vectors that end in zeros. */
public final class RowNorm {
  private RowNorm() {}

  /** Sum of x. */
  public static float sum(long x, int padded, long scratch) {
    FloatVector sum = Lanes.zero();
    for (int i = 0; i < padded; i += WIDTH) {
      sum = sum.add(load(x + 4L * i));
    }
    return Lanes.sum(sum, scratch);
  }

  /** Sum of (x - mean)². */
  public static float squares(long x, float mean, int padded, long scratch) {
    FloatVector sum = Lanes.zero();
    for (int i = 0; i < padded; i += WIDTH) {
      FloatVector centred = load(x + 4L * i).sub(mean);
      sum = centred.fma(centred, sum);
    }
    return Lanes.sum(sum, scratch);
  }

  /** {@code out = (x - mean) rstd w + b}. */
  public static void layer(long x, float mean, float rstd, long w, long b, long out, int padded) {
    for (int i = 0; i < padded; i += WIDTH) {
      FloatVector normed = load(x + 4L * i).sub(mean).mul(rstd);
      store(normed.fma(load(w + 4L * i), load(b + 4L * i)), out + 4L * i);
    }
  }

  /** {@code out = x rstd w}. */
  public static void rms(long x, float rstd, long w, long out, int padded) {
    for (int i = 0; i < padded; i += WIDTH) {
      store(load(x + 4L * i).mul(rstd).mul(load(w + 4L * i)), out + 4L * i);
    }
  }

  /**
   * Sums over the row of {@code dy w} and {@code dy w x̂} to {@code sums[0]} and {@code sums[1]};
   * adds {@code dy x̂} to dw and {@code dy} to db.
   */
  public static void layerSums(
      long dy, long x, float mean, float rstd, long w, long dw, long db, int padded, long sums) {
    FloatVector plain = Lanes.zero();
    FloatVector product = Lanes.zero();
    for (int i = 0; i < padded; i += WIDTH) {
      long at = 4L * i;
      FloatVector gradient = load(dy + at);
      FloatVector normed = load(x + at).sub(mean).mul(rstd);
      FloatVector weighted = gradient.mul(load(w + at));
      plain = plain.add(weighted);
      product = weighted.fma(normed, product);
      store(gradient.fma(normed, load(dw + at)), dw + at);
      store(gradient.add(load(db + at)), db + at);
    }
    float first = Lanes.sum(plain, sums);
    float second = Lanes.sum(product, sums);
    Lanes.set(sums, 0, first);
    Lanes.set(sums, 1, second);
  }

  /** As {@link #layerSums} without a mean: gives the sum of {@code dy w x̂}. */
  public static float rmsSum(
      long dy, long x, float rstd, long w, long dw, int padded, long scratch) {
    FloatVector product = Lanes.zero();
    for (int i = 0; i < padded; i += WIDTH) {
      long at = 4L * i;
      FloatVector gradient = load(dy + at);
      FloatVector normed = load(x + at).mul(rstd);
      product = gradient.mul(load(w + at)).fma(normed, product);
      store(gradient.fma(normed, load(dw + at)), dw + at);
    }
    return Lanes.sum(product, scratch);
  }

  /** {@code dx = rstd (dy w - a - x̂ b)}. */
  public static void backward(
      long dy, long x, float mean, float rstd, long w, float a, float b, long dx, int padded) {
    for (int i = 0; i < padded; i += WIDTH) {
      long at = 4L * i;
      FloatVector normed = load(x + at).sub(mean).mul(rstd);
      FloatVector inner = load(dy + at).mul(load(w + at)).sub(a).sub(normed.mul(b));
      store(inner.mul(rstd), dx + at);
    }
  }
}
