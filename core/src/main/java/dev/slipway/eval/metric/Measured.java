package dev.slipway.eval.metric;

/**
 * What a metric came to: a number, or the reason why these examples have none. So a report says
 * "only one class occurs" where a NaN would say nothing.
 */
public sealed interface Measured {
  /** A number; never NaN. */
  record Value(double value) implements Measured {
    public Value {
      if (Double.isNaN(value)) {
        throw new IllegalArgumentException("a metric came out as NaN, expected a number");
      }
    }
  }

  /**
   * There is no such number.
   *
   * @param reason a clause for people, such as {@code every example is of class 'cat'}
   */
  record Undefined(String reason) implements Measured {}

  static Measured of(double value) {
    return new Value(value);
  }

  static Measured undefined(String reason) {
    return new Undefined(reason);
  }

  /** For arithmetic over many resamples: the number, or NaN where there is none. */
  default double orNaN() {
    return this instanceof Value(double value) ? value : Double.NaN;
  }

  default boolean isDefined() {
    return this instanceof Value;
  }
}
