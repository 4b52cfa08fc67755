package dev.slipway.eval.measure;

import dev.slipway.eval.metric.Better;
import dev.slipway.eval.metric.Examples;
import dev.slipway.eval.metric.Measured;
import dev.slipway.eval.metric.MetricReport;
import dev.slipway.eval.metric.MetricRow;
import dev.slipway.eval.metric.Sums;
import dev.slipway.eval.metric.regression.Errors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Numbers, and their quantiles. */
final class RegressionReport {
  private RegressionReport() {}

  static MetricReport of(double[] truth, double[] predicted, long seed) {
    int examples = Errors.check(truth, predicted);
    double[] squared = Errors.squared(truth, predicted);
    double[] absolute = Errors.absolute(truth, predicted);
    double[] relative = Errors.relative(truth, predicted);
    double mse = Sums.mean(squared);
    boolean constant = Arrays.stream(truth).allMatch(y -> y == truth[0]);
    long zeros = Arrays.stream(truth).filter(y -> y == 0).count();
    Rows rows = new Rows(examples, seed);
    rows.addAll(
        List.of(
            lower("rmse", Math.sqrt(mse), ""),
            lower("mae", Sums.mean(absolute), ""),
            new Rows.Figure(
                "r2",
                Better.HIGHER,
                Errors.rSquared(truth, predicted),
                constant && examples > 1 ? "0 or 1 by convention: the truth is constant" : ""),
            lower("mse", mse, ""),
            lower(
                "mape",
                Sums.mean(relative),
                zeros == 0 ? "a share, not per cent" : zeros + " true zeros make it huge"),
            lower("median-absolute-error", median(absolute.clone()), "")),
        drawn -> {
          double[] some = new double[drawn.length];
          double square = 0;
          double sum = 0;
          double share = 0;
          for (int i = 0; i < drawn.length; i++) {
            some[i] = absolute[drawn[i]];
            square += squared[drawn[i]];
            sum += some[i];
            share += relative[drawn[i]];
          }
          int n = drawn.length;
          return new double[] {
            Math.sqrt(square / n),
            sum / n,
            Errors.rSquared(truth, squared, drawn),
            square / n,
            share / n,
            median(some)
          };
        });
    return new MetricReport("regression", examples, rows.list(), List.of());
  }

  private static Rows.Figure lower(String name, double value, String note) {
    return new Rows.Figure(name, Better.LOWER, Measured.of(value), note);
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    int middle = values.length / 2;
    return values.length % 2 == 1
        ? values[middle]
        : values[middle - 1] + (values[middle] - values[middle - 1]) / 2;
  }

  static MetricReport ofQuantiles(
      double[] truth, double[][] predicted, double[] quantiles, long seed) {
    Examples.count("truth", truth.length, "rows of quantiles", predicted.length);
    Examples.some(quantiles.length);
    int examples = truth.length;
    double[][] columns = new double[quantiles.length][examples];
    for (int row = 0; row < examples; row++) {
      Examples.count("quantiles", quantiles.length, "numbers of a row", predicted[row].length);
      for (int q = 0; q < quantiles.length; q++) {
        columns[q][row] = predicted[row][q];
      }
    }
    double[] mean = new double[examples];
    List<MetricRow> each = new ArrayList<>();
    Rows rows = new Rows(examples, seed);
    for (int q = 0; q < quantiles.length; q++) {
      Errors.check(truth, columns[q]);
      double[] losses = Errors.pinball(truth, columns[q], quantiles[q]);
      each.add(rows.mean("pinball[" + quantiles[q] + "]", Better.LOWER, losses));
      for (int row = 0; row < examples; row++) {
        mean[row] += losses[row] / quantiles.length;
      }
    }
    rows.add(rows.mean("pinball-mean", Better.LOWER, mean));
    each.forEach(rows::add);
    for (int q = 0; q < quantiles.length; q++) {
      long below = 0;
      for (int row = 0; row < examples; row++) {
        below += truth[row] <= columns[q][row] ? 1 : 0;
      }
      rows.add(
          rows.share("coverage[" + quantiles[q] + "]", below, examples, "")
              .withNote("the nearer to " + quantiles[q] + " the better"));
    }
    return new MetricReport("quantile", examples, rows.list(), List.of());
  }
}
