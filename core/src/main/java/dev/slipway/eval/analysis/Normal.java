package dev.slipway.eval.analysis;

/** The standard normal distribution. */
final class Normal {
  private Normal() {}

  /**
   * P(Z ≥ z), by Abramowitz and Stegun 1964, 26.2.17, which is right to 7.5e-8.
   *
   * @param z any number; NaN gives 1, which is no evidence
   */
  static double upperTail(double z) {
    if (Double.isNaN(z)) {
      return 1;
    }
    if (z < 0) {
      return 1 - upperTail(-z);
    }
    double t = 1 / (1 + 0.2316419 * z);
    double series =
        t
            * (0.319381530
                + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
    return Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI) * series;
  }
}
