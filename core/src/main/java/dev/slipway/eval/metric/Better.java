package dev.slipway.eval.metric;

/** Which way a metric improves. */
public enum Better {
  HIGHER,
  LOWER;

  /** Whether {@code a} is strictly better than {@code b}. */
  public boolean prefers(double a, double b) {
    return this == HIGHER ? a > b : a < b;
  }
}
