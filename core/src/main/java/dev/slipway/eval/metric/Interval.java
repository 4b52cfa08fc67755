package dev.slipway.eval.metric;

import java.util.function.DoubleUnaryOperator;

/**
 * A figure with its confidence interval of 95 %.
 *
 * @param estimate of all documents
 * @param low the 2.5th percentile
 * @param high the 97.5th percentile
 */
public record Interval(double estimate, double low, double high) {
  /** Of a function that never falls: percentiles go through it as they are. */
  public Interval mapIncreasing(DoubleUnaryOperator function) {
    return new Interval(
        function.applyAsDouble(estimate),
        function.applyAsDouble(low),
        function.applyAsDouble(high));
  }

  public boolean contains(double value) {
    return low <= value && value <= high;
  }
}
