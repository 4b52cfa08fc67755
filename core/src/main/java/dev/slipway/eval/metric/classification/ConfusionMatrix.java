package dev.slipway.eval.metric.classification;

import dev.slipway.eval.metric.Curve;
import dev.slipway.eval.metric.Examples;
import dev.slipway.eval.metric.Measured;
import java.util.List;

/**
 * Examples by true and predicted class.
 *
 * @param counts {@code [true][predicted]}
 */
public record ConfusionMatrix(long[][] counts) {
  /** What a disagreement of ordered classes i and j weighs. */
  public enum Weights {
    /** |i − j| */
    LINEAR,
    /** (i − j)² */
    QUADRATIC
  }

  /** As {@link ClassCounts#of(int[], int[], int)}. */
  public static ConfusionMatrix of(int[] truth, int[] predicted, int classes) {
    Examples.count("truth", truth.length, "prediction", predicted.length);
    Examples.classes("the truth", truth, classes);
    Examples.classes("the prediction", predicted, classes);
    long[][] counts = new long[classes][classes];
    for (int row = 0; row < truth.length; row++) {
      counts[truth[row]][predicted[row]]++;
    }
    return new ConfusionMatrix(counts);
  }

  /**
   * Cohen's weighted kappa of ordered classes, 1 − Σ w·observed / Σ w·expected. Cohen 1968,
   * "Weighted Kappa". The distance is between positions in the list of classes, those that never
   * occur among them.
   */
  public Measured weightedKappa(Weights weights) {
    int classes = counts.length;
    double[] rows = new double[classes];
    double[] columns = new double[classes];
    double examples = 0;
    double observed = 0;
    for (int i = 0; i < classes; i++) {
      for (int j = 0; j < classes; j++) {
        rows[i] += counts[i][j];
        columns[j] += counts[i][j];
        examples += counts[i][j];
        observed += weight(weights, i, j) * counts[i][j];
      }
    }
    double expected = 0;
    for (int i = 0; i < classes; i++) {
      for (int j = 0; j < classes; j++) {
        expected += weight(weights, i, j) * rows[i] * columns[j] / examples;
      }
    }
    if (expected == 0) {
      return Measured.undefined("truth and prediction have one and the same class throughout");
    }
    return Measured.of(1 - observed / expected);
  }

  /** {@link #weightedKappa} of drawn rows, without the matrix. */
  public static double weightedKappa(
      Weights weights, int[] truth, int[] predicted, int classes, int[] drawn) {
    long[] rows = new long[classes];
    long[] columns = new long[classes];
    double observed = 0;
    for (int row : drawn) {
      rows[truth[row]]++;
      columns[predicted[row]]++;
      observed += weight(weights, truth[row], predicted[row]);
    }
    double expected = 0;
    for (int i = 0; i < classes; i++) {
      if (rows[i] > 0) {
        for (int j = 0; j < classes; j++) {
          expected += weight(weights, i, j) * rows[i] * columns[j] / drawn.length;
        }
      }
    }
    return expected == 0 ? Double.NaN : 1 - observed / expected;
  }

  public Curve.Confusion curve(List<String> classes) {
    return new Curve.Confusion(classes, counts);
  }

  private static double weight(Weights weights, int i, int j) {
    double distance = i - j;
    return weights == Weights.LINEAR ? Math.abs(distance) : distance * distance;
  }
}
