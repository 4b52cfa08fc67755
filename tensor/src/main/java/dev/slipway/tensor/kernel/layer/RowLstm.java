package dev.slipway.tensor.kernel.layer;

import static dev.slipway.tensor.kernel.Lanes.WIDTH;
import static dev.slipway.tensor.kernel.Lanes.broadcast;
import static dev.slipway.tensor.kernel.Lanes.load;
import static dev.slipway.tensor.kernel.Lanes.sigmoid;
import static dev.slipway.tensor.kernel.Lanes.store;
import static dev.slipway.tensor.kernel.Lanes.storeAndAdd;
import static dev.slipway.tensor.kernel.Lanes.tanh;

import dev.slipway.tensor.kernel.Lanes;
import jdk.incubator.vector.FloatVector;

/** Loops of {@link Lstm}, in whole vectors. Gates lie as input, forget, cell, output. */
final class RowLstm {
  private RowLstm() {}

  /**
   * Adds {@code h weight} to two neighbouring gates of four rows, for one vector of units. Two,
   * since the stores of a body with sixteen sums are beyond what C2 inlines.
   *
   * @param weight (H, 4H), at the units of the first gate
   * @param h0 a row's H values
   * @param g0 a row's gates, at the units of the first
   */
  static void products(
      long weight,
      int hidden,
      long h0,
      long h1,
      long h2,
      long h3,
      long g0,
      long g1,
      long g2,
      long g3) {
    long gate = 4L * hidden;
    FloatVector a0 = load(g0);
    FloatVector b0 = load(g0 + gate);
    FloatVector a1 = load(g1);
    FloatVector b1 = load(g1 + gate);
    FloatVector a2 = load(g2);
    FloatVector b2 = load(g2 + gate);
    FloatVector a3 = load(g3);
    FloatVector b3 = load(g3 + gate);
    for (int k = 0; k < hidden; k++) {
      long w = weight + 4 * gate * k;
      FloatVector wa = load(w);
      FloatVector wb = load(w + gate);
      FloatVector x = broadcast(Lanes.get(h0, k));
      a0 = x.fma(wa, a0);
      b0 = x.fma(wb, b0);
      FloatVector y = broadcast(Lanes.get(h1, k));
      a1 = y.fma(wa, a1);
      b1 = y.fma(wb, b1);
      FloatVector z = broadcast(Lanes.get(h2, k));
      a2 = z.fma(wa, a2);
      b2 = z.fma(wb, b2);
      FloatVector v = broadcast(Lanes.get(h3, k));
      a3 = v.fma(wa, a3);
      b3 = v.fma(wb, b3);
    }
    store(a0, g0);
    store(b0, g0 + gate);
    store(a1, g1);
    store(b1, g1 + gate);
    store(a2, g2);
    store(b2, g2 + gate);
    store(a3, g3);
    store(b3, g3 + gate);
  }

  /** As {@link #products} for one row and all its units. */
  static void product(long weight, int hidden, long h, long g) {
    long gate = 4L * hidden;
    for (int unit = 0; unit < hidden; unit += WIDTH) {
      long at = g + 4L * unit;
      FloatVector i = load(at);
      FloatVector f = load(at + gate);
      FloatVector c = load(at + 2 * gate);
      FloatVector o = load(at + 3 * gate);
      for (int k = 0; k < hidden; k++) {
        long w = weight + 4L * unit + 4 * gate * k;
        FloatVector a = broadcast(Lanes.get(h, k));
        i = a.fma(load(w), i);
        f = a.fma(load(w + gate), f);
        c = a.fma(load(w + 2 * gate), c);
        o = a.fma(load(w + 3 * gate), o);
      }
      store(i, at);
      store(f, at + gate);
      store(c, at + 2 * gate);
      store(o, at + 3 * gate);
    }
  }

  /**
   * Gates from sums of products to their values, in place. One sigmoid for all four, the cell's
   * gate by {@code tanh(x) = 2 σ(2 x) - 1}: a body with more of them is beyond what C2 inlines, and
   * its vectors become objects. So each of these loops does little.
   *
   * @param bias (4H)
   */
  static void activate(long g, long bias, int hidden) {
    for (int unit = 0; unit < 4 * hidden; unit += WIDTH) {
      float scale = unit >= 2 * hidden && unit < 3 * hidden ? 2f : 1f;
      FloatVector x = load(g + 4L * unit).add(load(bias + 4L * unit)).mul(scale);
      store(sigmoid(x).mul(scale).sub(scale - 1f), g + 4L * unit);
    }
  }

  /** {@code c = f before + i g}, from the gates' values. */
  static void advance(long g, long before, long cell, int hidden) {
    long gate = 4L * hidden;
    for (int unit = 0; unit < hidden; unit += WIDTH) {
      long at = 4L * unit;
      FloatVector fresh = load(g + at).mul(load(g + 2 * gate + at));
      store(load(before + at).fma(load(g + gate + at), fresh), cell + at);
    }
  }

  /** {@code h = o tanh(c)}, from the output gate's values. */
  static void emit(long o, long cell, long h, int hidden) {
    for (int unit = 0; unit < hidden; unit += WIDTH) {
      store(tanh(load(cell + 4L * unit)).mul(load(o + 4L * unit)), h + 4L * unit);
    }
  }

  /** {@code y = tanh(x)}. */
  static void squash(long x, long y, int hidden) {
    for (int unit = 0; unit < hidden; unit += WIDTH) {
      store(tanh(load(x + 4L * unit)), y + 4L * unit);
    }
  }

  /**
   * The output gate to the gradient of its sum, in place, and the gradient of the cell.
   *
   * @param squashed the tanh of the cell
   * @param dh gradient of the state
   * @param dc in, the gradient of the cell that came from the step after; out, all of it
   * @param dBias the four gates' sums, added to
   */
  static void deriveState(long g, long squashed, long dh, long dc, long dBias, int hidden) {
    long gate = 12L * hidden;
    for (int unit = 0; unit < hidden; unit += WIDTH) {
      long at = 4L * unit;
      FloatVector t = load(squashed + at);
      FloatVector o = load(g + gate + at);
      FloatVector state = load(dh + at);
      FloatVector one = broadcast(1f);
      store(state.mul(o).fma(one.sub(t.mul(t)), load(dc + at)), dc + at);
      storeAndAdd(state.mul(t).mul(o).mul(one.sub(o)), g + gate + at, dBias + gate + at);
    }
  }

  /**
   * Input and cell gate to the gradients of their sums, in place.
   *
   * @param dc the gradient of the cell
   */
  static void deriveFresh(long g, long dc, long dBias, int hidden) {
    long gate = 8L * hidden;
    for (int unit = 0; unit < hidden; unit += WIDTH) {
      long at = 4L * unit;
      FloatVector dCell = load(dc + at);
      FloatVector one = broadcast(1f);
      FloatVector i = load(g + at);
      FloatVector c = load(g + gate + at);
      storeAndAdd(dCell.mul(c).mul(i).mul(one.sub(i)), g + at, dBias + at);
      storeAndAdd(dCell.mul(i).mul(one.sub(c.mul(c))), g + gate + at, dBias + gate + at);
    }
  }

  /**
   * The forget gate to the gradient of its sum, in place.
   *
   * @param dc in, the gradient of the cell; out, what goes to the step before
   */
  static void deriveForget(long g, long before, long dc, long dBias, int hidden) {
    long gate = 4L * hidden;
    for (int unit = 0; unit < hidden; unit += WIDTH) {
      long at = 4L * unit;
      FloatVector f = load(g + gate + at);
      FloatVector dCell = load(dc + at).mul(f);
      store(dCell, dc + at);
      FloatVector rest = broadcast(1f).sub(f);
      storeAndAdd(dCell.mul(load(before + at)).mul(rest), g + gate + at, dBias + gate + at);
    }
  }

  /**
   * {@code dh = dg weight} of four rows, for four vectors of units at most.
   *
   * @param weight (4H, H)
   */
  static void back(
      long weight,
      int hidden,
      long g0,
      long g1,
      long g2,
      long g3,
      long d0,
      long d1,
      long d2,
      long d3) {
    int unit = 0;
    for (; unit <= hidden - 2 * WIDTH; unit += 2 * WIDTH) {
      FloatVector a0 = Lanes.zero();
      FloatVector b0 = Lanes.zero();
      FloatVector a1 = Lanes.zero();
      FloatVector b1 = Lanes.zero();
      FloatVector a2 = Lanes.zero();
      FloatVector b2 = Lanes.zero();
      FloatVector a3 = Lanes.zero();
      FloatVector b3 = Lanes.zero();
      for (int k = 0; k < 4 * hidden; k++) {
        long w = weight + 4L * ((long) k * hidden + unit);
        FloatVector wa = load(w);
        FloatVector wb = load(w + 4L * WIDTH);
        FloatVector x = broadcast(Lanes.get(g0, k));
        a0 = x.fma(wa, a0);
        b0 = x.fma(wb, b0);
        FloatVector y = broadcast(Lanes.get(g1, k));
        a1 = y.fma(wa, a1);
        b1 = y.fma(wb, b1);
        FloatVector z = broadcast(Lanes.get(g2, k));
        a2 = z.fma(wa, a2);
        b2 = z.fma(wb, b2);
        FloatVector v = broadcast(Lanes.get(g3, k));
        a3 = v.fma(wa, a3);
        b3 = v.fma(wb, b3);
      }
      long at = 4L * unit;
      store(a0, d0 + at);
      store(b0, d0 + at + 4L * WIDTH);
      store(a1, d1 + at);
      store(b1, d1 + at + 4L * WIDTH);
      store(a2, d2 + at);
      store(b2, d2 + at + 4L * WIDTH);
      store(a3, d3 + at);
      store(b3, d3 + at + 4L * WIDTH);
    }
    for (; unit < hidden; unit += WIDTH) {
      backOne(weight, hidden, unit, g0, d0);
      backOne(weight, hidden, unit, g1, d1);
      backOne(weight, hidden, unit, g2, d2);
      backOne(weight, hidden, unit, g3, d3);
    }
  }

  /** As {@link #back} for one row and one vector of units. */
  static void backOne(long weight, int hidden, int unit, long g, long d) {
    FloatVector a = Lanes.zero();
    FloatVector b = Lanes.zero();
    for (int k = 0; k < 4 * hidden; k += 2) {
      long w = weight + 4L * ((long) k * hidden + unit);
      a = broadcast(Lanes.get(g, k)).fma(load(w), a);
      b = broadcast(Lanes.get(g, k + 1)).fma(load(w + 4L * hidden), b);
    }
    store(a.add(b), d + 4L * unit);
  }
}
