package dev.slipway.tensor.kernel.layer;

import static dev.slipway.tensor.kernel.Lanes.broadcast;
import static dev.slipway.tensor.kernel.Lanes.load;
import static dev.slipway.tensor.kernel.Lanes.store;

import dev.slipway.tensor.kernel.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Loops of {@link Stem}: one row of pooled places, one vector of filters at a time. */
final class RowStem {
  private RowStem() {}

  /**
   * The best of four neighbouring places of the convolution, at least 0, and which it was (4 for
   * none).
   *
   * @param x the first value that the row's first place sees
   * @param plane bytes from a channel to the next
   * @param line bytes from a line to the next
   * @param weights (channels, size, size, filters), at the filters
   * @param y (places, filters), at the filters
   * @param choice (places, filters), at the filters
   */
  static void forward(
      long x,
      long plane,
      long line,
      int channels,
      int size,
      long weights,
      long bias,
      long y,
      long choice,
      int filters,
      int places) {
    long bytes = 4L * filters;
    for (int place = 0; place < places; place++) {
      FloatVector a = load(bias);
      FloatVector b = a;
      FloatVector c = a;
      FloatVector d = a;
      long w = weights;
      for (int channel = 0; channel < channels; channel++) {
        for (int row = 0; row < size; row++) {
          long at = x + channel * plane + row * line + 8L * place;
          for (int column = 0; column < size; column++) {
            FloatVector weight = load(w);
            a = broadcast(Lanes.get(at, column)).fma(weight, a);
            b = broadcast(Lanes.get(at, column + 1)).fma(weight, b);
            c = broadcast(Lanes.get(at + line, column)).fma(weight, c);
            d = broadcast(Lanes.get(at + line, column + 1)).fma(weight, d);
            w += bytes;
          }
        }
      }
      choose(a, b, c, d, y + bytes * place, choice + bytes * place);
    }
  }

  private static void choose(
      FloatVector a, FloatVector b, FloatVector c, FloatVector d, long y, long choice) {
    FloatVector best = Lanes.zero();
    FloatVector which = broadcast(4f);
    VectorMask<Float> more = a.compare(VectorOperators.GT, best);
    best = best.blend(a, more);
    which = which.blend(0f, more);
    more = b.compare(VectorOperators.GT, best);
    best = best.blend(b, more);
    which = which.blend(1f, more);
    more = c.compare(VectorOperators.GT, best);
    best = best.blend(c, more);
    which = which.blend(2f, more);
    more = d.compare(VectorOperators.GT, best);
    best = best.blend(d, more);
    which = which.blend(3f, more);
    store(best, y);
    store(which, choice);
  }

  /** Adds to the gradients of weights and bias; as {@link #forward}, dy in place of y. */
  static void backward(
      long x,
      long plane,
      long line,
      int channels,
      int size,
      long dWeights,
      long dBias,
      long dy,
      long choice,
      int filters,
      int places) {
    long bytes = 4L * filters;
    FloatVector none = Lanes.zero();
    for (int place = 0; place < places; place++) {
      FloatVector gradient = load(dy + bytes * place);
      FloatVector which = load(choice + bytes * place);
      FloatVector a = none.blend(gradient, which.compare(VectorOperators.EQ, 0f));
      FloatVector b = none.blend(gradient, which.compare(VectorOperators.EQ, 1f));
      FloatVector c = none.blend(gradient, which.compare(VectorOperators.EQ, 2f));
      FloatVector d = none.blend(gradient, which.compare(VectorOperators.EQ, 3f));
      store(load(dBias).add(a.add(b).add(c.add(d))), dBias);
      long w = dWeights;
      for (int channel = 0; channel < channels; channel++) {
        for (int row = 0; row < size; row++) {
          long at = x + channel * plane + row * line + 8L * place;
          for (int column = 0; column < size; column++) {
            FloatVector upper =
                broadcast(Lanes.get(at, column))
                    .fma(a, broadcast(Lanes.get(at, column + 1)).mul(b));
            FloatVector lower =
                broadcast(Lanes.get(at + line, column))
                    .fma(c, broadcast(Lanes.get(at + line, column + 1)).mul(d));
            store(load(w).add(upper.add(lower)), w);
            w += bytes;
          }
        }
      }
    }
  }
}
