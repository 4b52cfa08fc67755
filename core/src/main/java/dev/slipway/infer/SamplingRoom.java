package dev.slipway.infer;

/**
 * Memory to choose tokens in, shared by all sequences of one thread: an array of the vocabulary's
 * size for each token of each of them would be most of a service's garbage.
 */
public final class SamplingRoom {
  private double[] scores = {};
  private float[] allowed = {};
  private long[] order = {};

  /** So many values, with anything in them; the next call has the same. */
  double[] scores(int size) {
    if (scores.length != size) {
      scores = new double[size];
    }
    return scores;
  }

  /** A copy of logits that may be changed. */
  float[] copy(float[] logits) {
    if (allowed.length != logits.length) {
      allowed = new float[logits.length];
    }
    System.arraycopy(logits, 0, allowed, 0, logits.length);
    return allowed;
  }

  /** At least so many values, with anything in them. */
  long[] order(int size) {
    if (order.length < size) {
      order = new long[size];
    }
    return order;
  }
}
