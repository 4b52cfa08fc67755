package dev.slipway.eval.analysis;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What k folds gave, each having been held out once.
 *
 * @param kind how the folds were made: {@code stratified}, {@code grouped}, {@code by time} or
 *     {@code random}
 * @param metrics by name, the one to decide by first
 * @param folds in their order, each with the metrics in that order
 */
public record CrossValidation(String kind, List<String> metrics, List<Fold> folds) {
  public CrossValidation {
    metrics = List.copyOf(metrics);
    folds = List.copyOf(folds);
    for (Fold fold : folds) {
      if (fold.values.length != metrics.size()) {
        throw new IllegalArgumentException(
            fold.name + " has " + fold.values.length + " metrics, expected " + metrics.size());
      }
    }
  }

  /**
   * @param training examples that it was trained on
   * @param heldOut examples that it was measured on
   * @param values of the metrics; NaN where one is undefined
   */
  public record Fold(String name, int training, int heldOut, double[] values) {
    public Fold {
      values = values.clone();
    }
  }

  /**
   * A metric over the folds.
   *
   * @param mean of the folds in which it is defined
   * @param deviation standard deviation of these, with n − 1; NaN of fewer than two
   * @param least of these
   * @param most of these
   * @param folds how many define it
   */
  public record Summary(
      String metric, double mean, double deviation, double least, double most, int folds) {}

  /**
   * One a metric. The deviation says how far folds differ, not how sure the mean is: folds share
   * training examples, so that no unbiased estimate of that exists (Bengio and Grandvalet 2004).
   */
  public List<Summary> summaries() {
    return IntStream.range(0, metrics.size()).mapToObj(this::summary).toList();
  }

  private Summary summary(int metric) {
    double[] values =
        folds.stream()
            .mapToDouble(fold -> fold.values[metric])
            .filter(value -> !Double.isNaN(value))
            .toArray();
    double mean = Arrays.stream(values).average().orElse(Double.NaN);
    double squares = Arrays.stream(values).map(value -> (value - mean) * (value - mean)).sum();
    return new Summary(
        metrics.get(metric),
        mean,
        values.length < 2 ? Double.NaN : Math.sqrt(squares / (values.length - 1)),
        Arrays.stream(values).min().orElse(Double.NaN),
        Arrays.stream(values).max().orElse(Double.NaN),
        values.length);
  }
}
