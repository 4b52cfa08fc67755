package dev.slipway.eval.metric.regression;

import dev.slipway.eval.metric.Examples;
import dev.slipway.eval.metric.Measured;
import dev.slipway.eval.metric.Sums;
import java.util.function.DoubleBinaryOperator;

/** How far predicted numbers are from the true ones; y is the truth, ŷ the prediction. */
public final class Errors {
  private static final double EPSILON = Math.ulp(1.0);

  private Errors() {}

  /** As many of each, at least one, all finite. */
  public static int check(double[] truth, double[] predicted) {
    int rows = Examples.count("truth", truth.length, "prediction", predicted.length);
    Examples.finite("the truth", truth);
    Examples.finite("the prediction", predicted);
    return rows;
  }

  /** (y − ŷ)² of each example, whose mean is the MSE; its root is the RMSE. */
  public static double[] squared(double[] truth, double[] predicted) {
    return each(truth, predicted, (y, told) -> (y - told) * (y - told));
  }

  /** |y − ŷ| of each example, whose mean is the MAE. */
  public static double[] absolute(double[] truth, double[] predicted) {
    return each(truth, predicted, (y, told) -> Math.abs(y - told));
  }

  /**
   * |y − ŷ| / max(|y|, ε) of each example, ε = 2⁻⁵², whose mean is the MAPE as a share; as
   * scikit-learn's {@code mean_absolute_percentage_error}, so that a true zero makes it huge.
   */
  public static double[] relative(double[] truth, double[] predicted) {
    return each(truth, predicted, (y, told) -> Math.abs(y - told) / Math.max(Math.abs(y), EPSILON));
  }

  /**
   * The quantile (pinball) loss of each example: α (y − ŷ) where the prediction is below, (1 − α)
   * (ŷ − y) where it is above. Koenker and Bassett 1978, "Regression Quantiles".
   *
   * @param alpha the quantile that was predicted, 0 to 1
   */
  public static double[] pinball(double[] truth, double[] predicted, double alpha) {
    if (!(alpha >= 0 && alpha <= 1)) {
      throw Examples.notAProbability("the quantile", 0, alpha);
    }
    return each(
        truth, predicted, (y, told) -> y >= told ? alpha * (y - told) : (1 - alpha) * (told - y));
  }

  /**
   * The share of variance that is explained, 1 − Σ(y − ŷ)² / Σ(y − ȳ)². Of a constant truth it is 1
   * where every prediction is right and 0 elsewhere, as in scikit-learn; undefined for one example.
   */
  public static Measured rSquared(double[] truth, double[] predicted) {
    if (truth.length < 2) {
      return Measured.undefined("one example has no variance to explain");
    }
    double mean = Sums.mean(truth);
    double[] spread = new double[truth.length];
    for (int row = 0; row < spread.length; row++) {
      spread[row] = (truth[row] - mean) * (truth[row] - mean);
    }
    return Measured.of(explained(Sums.sum(squared(truth, predicted)), Sums.sum(spread)));
  }

  /** {@link #rSquared} of drawn rows. */
  public static double rSquared(double[] truth, double[] squared, int[] drawn) {
    double mean = 0;
    double residual = 0;
    for (int row : drawn) {
      mean += truth[row];
      residual += squared[row];
    }
    mean /= drawn.length;
    double spread = 0;
    for (int row : drawn) {
      spread += (truth[row] - mean) * (truth[row] - mean);
    }
    return explained(residual, spread);
  }

  private static double explained(double residual, double spread) {
    if (spread == 0) {
      return residual == 0 ? 1 : 0;
    }
    return 1 - residual / spread;
  }

  private static double[] each(double[] truth, double[] predicted, DoubleBinaryOperator error) {
    double[] errors = new double[truth.length];
    for (int row = 0; row < errors.length; row++) {
      errors[row] = error.applyAsDouble(truth[row], predicted[row]);
    }
    return errors;
  }
}
