package dev.slipway.tensor.kernel;

import static dev.slipway.tensor.kernel.Lanes.WIDTH;
import static dev.slipway.tensor.kernel.Lanes.broadcast;
import static dev.slipway.tensor.kernel.Lanes.load;
import static dev.slipway.tensor.kernel.Lanes.sigmoid;
import static dev.slipway.tensor.kernel.Lanes.store;

import jdk.incubator.vector.FloatVector;

/** Loops of {@link Lstm}, in whole vectors. Gates lie as input, forget, cell, output. */
final class RowLstm {
  private RowLstm() {}

  /**
   * Adds {@code h weight} to the gates of four rows, for one vector of units.
   *
   * @param weight (H, 4H), at the units
   * @param h0 a row's H values
   * @param g0 a row's 4H gates, at the units
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
    FloatVector i0 = load(g0);
    FloatVector f0 = load(g0 + gate);
    FloatVector c0 = load(g0 + 2 * gate);
    FloatVector o0 = load(g0 + 3 * gate);
    FloatVector i1 = load(g1);
    FloatVector f1 = load(g1 + gate);
    FloatVector c1 = load(g1 + 2 * gate);
    FloatVector o1 = load(g1 + 3 * gate);
    FloatVector i2 = load(g2);
    FloatVector f2 = load(g2 + gate);
    FloatVector c2 = load(g2 + 2 * gate);
    FloatVector o2 = load(g2 + 3 * gate);
    FloatVector i3 = load(g3);
    FloatVector f3 = load(g3 + gate);
    FloatVector c3 = load(g3 + 2 * gate);
    FloatVector o3 = load(g3 + 3 * gate);
    for (int k = 0; k < hidden; k++) {
      long w = weight + 4 * gate * k;
      FloatVector wi = load(w);
      FloatVector wf = load(w + gate);
      FloatVector wc = load(w + 2 * gate);
      FloatVector wo = load(w + 3 * gate);
      FloatVector a = broadcast(Lanes.get(h0, k));
      i0 = a.fma(wi, i0);
      f0 = a.fma(wf, f0);
      c0 = a.fma(wc, c0);
      o0 = a.fma(wo, o0);
      FloatVector b = broadcast(Lanes.get(h1, k));
      i1 = b.fma(wi, i1);
      f1 = b.fma(wf, f1);
      c1 = b.fma(wc, c1);
      o1 = b.fma(wo, o1);
      FloatVector c = broadcast(Lanes.get(h2, k));
      i2 = c.fma(wi, i2);
      f2 = c.fma(wf, f2);
      c2 = c.fma(wc, c2);
      o2 = c.fma(wo, o2);
      FloatVector d = broadcast(Lanes.get(h3, k));
      i3 = d.fma(wi, i3);
      f3 = d.fma(wf, f3);
      c3 = d.fma(wc, c3);
      o3 = d.fma(wo, o3);
    }
    store(i0, g0);
    store(f0, g0 + gate);
    store(c0, g0 + 2 * gate);
    store(o0, g0 + 3 * gate);
    store(i1, g1);
    store(f1, g1 + gate);
    store(c1, g1 + 2 * gate);
    store(o1, g1 + 3 * gate);
    store(i2, g2);
    store(f2, g2 + gate);
    store(c2, g2 + 2 * gate);
    store(o2, g2 + 3 * gate);
    store(i3, g3);
    store(f3, g3 + gate);
    store(c3, g3 + 2 * gate);
    store(o3, g3 + 3 * gate);
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
   * Gates from sums of products to their values, in place: {@code c = f before + i g}; {@code h = o
   * tanh(c)}.
   */
  static void activate(long g, long bias, long before, long cell, long h, int hidden) {
    long gate = 4L * hidden;
    for (int unit = 0; unit < hidden; unit += WIDTH) {
      long at = g + 4L * unit;
      long b = bias + 4L * unit;
      FloatVector i = sigmoid(load(at).add(load(b)));
      FloatVector f = sigmoid(load(at + gate).add(load(b + gate)));
      FloatVector c = tanh(load(at + 2 * gate).add(load(b + 2 * gate)));
      FloatVector o = sigmoid(load(at + 3 * gate).add(load(b + 3 * gate)));
      store(i, at);
      store(f, at + gate);
      store(c, at + 2 * gate);
      store(o, at + 3 * gate);
      FloatVector now = load(before + 4L * unit).fma(f, i.mul(c));
      store(now, cell + 4L * unit);
    }
    for (int unit = 0; unit < hidden; unit += WIDTH) {
      FloatVector o = load(g + 3 * gate + 4L * unit);
      store(tanh(load(cell + 4L * unit)).mul(o), h + 4L * unit);
    }
  }

  private static FloatVector tanh(FloatVector x) {
    return sigmoid(x.add(x)).mul(2f).sub(1f);
  }

  /**
   * Gates to the gradients of their sums, in place.
   *
   * @param dh gradient of the state
   * @param dc gradient of the cell that came from the step after, and goes to the step before
   * @param dBias the four gates' sums, added to
   */
  static void derive(long g, long before, long cell, long dh, long dc, long dBias, int hidden) {
    long gate = 4L * hidden;
    for (int unit = 0; unit < hidden; unit += WIDTH) {
      long at = 4L * unit;
      FloatVector t = tanh(load(cell + at));
      FloatVector o = load(g + 3 * gate + at);
      FloatVector state = load(dh + at);
      FloatVector one = broadcast(1f);
      FloatVector dCell = state.mul(o).fma(one.sub(t.mul(t)), load(dc + at));
      FloatVector i = load(g + at);
      FloatVector f = load(g + gate + at);
      FloatVector c = load(g + 2 * gate + at);
      store(dCell.mul(f), dc + at);
      sum(dCell.mul(c).mul(i).mul(one.sub(i)), g + at, dBias + at);
      sum(dCell.mul(load(before + at)).mul(f).mul(one.sub(f)), g + gate + at, dBias + gate + at);
      sum(dCell.mul(i).mul(one.sub(c.mul(c))), g + 2 * gate + at, dBias + 2 * gate + at);
      sum(state.mul(t).mul(o).mul(one.sub(o)), g + 3 * gate + at, dBias + 3 * gate + at);
    }
  }

  private static void sum(FloatVector gradient, long to, long total) {
    store(gradient, to);
    store(load(total).add(gradient), total);
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
