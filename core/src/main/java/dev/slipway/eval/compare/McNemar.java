package dev.slipway.eval.compare;

import dev.slipway.eval.metric.Examples;

/**
 * McNemar's test of two classifiers on the same examples: if both were as good, those that only one
 * gets right would fall to either side like coins. McNemar 1947, "Note on the sampling error of the
 * difference between correlated proportions or percentages"; Dietterich 1998 for classifiers.
 *
 * @param onlyFirst examples that only the first got right (b)
 * @param onlySecond examples that only the second got right (c)
 * @param exact two-sided p-value of the binomial distribution
 * @param chiSquared (b − c)² / (b + c); 0 where nothing differs
 * @param asymptotic its p-value with one degree of freedom
 * @param correctedChiSquared (|b − c| − 1)² / (b + c), with Edwards' correction of continuity
 * @param corrected its p-value
 */
public record McNemar(
    long onlyFirst,
    long onlySecond,
    double exact,
    double chiSquared,
    double asymptotic,
    double correctedChiSquared,
    double corrected) {

  public static McNemar of(boolean[] first, boolean[] second) {
    Examples.count("answers of the first", first.length, "answers of the second", second.length);
    Examples.some(first.length);
    long onlyFirst = 0;
    long onlySecond = 0;
    for (int i = 0; i < first.length; i++) {
      if (first[i] != second[i]) {
        onlyFirst += first[i] ? 1 : 0;
        onlySecond += first[i] ? 0 : 1;
      }
    }
    return of(onlyFirst, onlySecond);
  }

  public static McNemar of(long onlyFirst, long onlySecond) {
    long different = onlyFirst + onlySecond;
    if (different == 0) {
      return new McNemar(0, 0, 1, 0, 1, 0, 1);
    }
    double distance = Math.abs(onlyFirst - onlySecond);
    double plain = distance * distance / different;
    double less = (distance - 1) * (distance - 1) / different;
    return new McNemar(
        onlyFirst,
        onlySecond,
        exact(Math.min(onlyFirst, onlySecond), different),
        plain,
        upperTail(plain),
        less,
        upperTail(less));
  }

  /** 2 P(X ≤ fewer) of n fair coins, at most 1. */
  private static double exact(long fewer, long coins) {
    if (2 * fewer == coins) {
      return 1;
    }
    double log = -coins * Math.log(2);
    for (long i = 1; i <= fewer; i++) {
      log += Math.log((double) (coins - fewer + i) / i);
    }
    double sum = 1;
    double term = 1;
    for (long i = fewer; i > 0 && term > 1e-18 * sum; i--) {
      term *= (double) i / (coins - i + 1);
      sum += term;
    }
    return Math.min(1, 2 * Math.exp(log) * sum);
  }

  /** P(χ² > x) with one degree of freedom: erfc(√(x/2)). */
  private static double upperTail(double chiSquared) {
    double x = Math.sqrt(chiSquared / 2);
    if (x < 2) {
      // Abramowitz and Stegun 7.1.6.
      double term = x;
      double sum = x;
      for (int n = 1; term > 1e-18 * sum; n++) {
        term *= 2 * x * x / (2 * n + 1);
        sum += term;
      }
      return 1 - 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
    }
    // The continued fraction 7.1.14, from far enough down.
    double fraction = 0;
    for (int n = 200; n > 0; n--) {
      fraction = n / 2.0 / (x + fraction);
    }
    return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + fraction);
  }
}
