package dev.slipway.eval.metric.classification;

import dev.slipway.eval.metric.Curve;
import dev.slipway.eval.metric.Examples;
import dev.slipway.eval.metric.Sums;
import java.util.stream.IntStream;

/** How good probabilities are as probabilities: log loss, Brier score, calibration. */
public final class Probabilities {
  /** The distance from 1 to the next double, where scikit-learn clips as well. */
  public static final double EPSILON = Math.ulp(1.0);

  /** Bins of equal width. Guo et al. 2017, "On Calibration of Modern Neural Networks". */
  public static final int BINS = 15;

  private static final int PARALLEL_FROM = 1 << 15;

  private Probabilities() {}

  /**
   * −(1/n) Σ ln p(true class), with p clipped to [ε, 1 − ε], ε = 2⁻⁵², as scikit-learn's {@code
   * log_loss}. Good 1952, "Rational Decisions".
   *
   * @param truth 1 for positive, 0 for negative
   * @param positive probabilities of the positive class
   */
  public static double logLoss(int[] truth, double[] positive) {
    int rows = Examples.count("truth", truth.length, "probability", positive.length);
    int parts = rows < PARALLEL_FROM ? 1 : 8 * Runtime.getRuntime().availableProcessors();
    double[] sums = new double[parts];
    IntStream.range(0, parts)
        .parallel()
        .forEach(
            part ->
                sums[part] =
                    logLikelihood(
                        truth,
                        positive,
                        (int) ((long) rows * part / parts),
                        (int) ((long) rows * (part + 1) / parts)));
    return -Sums.sum(sums) / rows;
  }

  /**
   * The logarithm of a product in place of the sum of logarithms: sixteen probabilities of 2⁻⁵² or
   * more stay far from underflow, and a sixteenth of the logarithms is left.
   */
  private static double logLikelihood(int[] truth, double[] positive, int from, int to) {
    double sum = 0;
    for (int start = from; start < to; start += 16) {
      int end = Math.min(to, start + 16);
      double product = 1;
      int seen = 0;
      boolean inside = true;
      for (int row = start; row < end; row++) {
        double p = positive[row];
        inside &= p >= 0 & p <= 1;
        seen |= truth[row];
        product *= clip(truth[row] == 1 ? p : 1 - p);
      }
      if (!inside || (seen & ~1) != 0) {
        refuse(truth, positive, start, end);
      }
      sum += Math.log(product);
    }
    return sum;
  }

  private static void refuse(int[] truth, double[] positive, int from, int to) {
    for (int row = from; row < to; row++) {
      check(positive[row], row);
      if (truth[row] != 0 && truth[row] != 1) {
        throw Examples.notAClass("the truth", row, truth[row], 2);
      }
    }
  }

  private static void check(double p, int row) {
    if (!(p >= 0 && p <= 1)) {
      throw Examples.notAProbability("the probability", row, p);
    }
  }

  private static double clip(double p) {
    return Math.min(Math.max(p, EPSILON), 1 - EPSILON);
  }

  /** {@link #logLoss(int[], double[])} of several classes: probabilities {@code [row][class]}. */
  public static double logLoss(int[] truth, double[][] probabilities) {
    return Sums.mean(logLosses(truth, probabilities));
  }

  /** −ln p(true class) of each example. */
  public static double[] logLosses(int[] truth, double[][] probabilities) {
    check(truth, probabilities);
    double[] losses = new double[truth.length];
    for (int row = 0; row < losses.length; row++) {
      losses[row] = -Math.log(clip(probabilities[row][truth[row]]));
    }
    return losses;
  }

  /** −ln p(true class) of each example. */
  public static double[] logLosses(int[] truth, double[] positive) {
    refuse(
        truth, positive, 0, Examples.count("truth", truth.length, "probability", positive.length));
    double[] losses = new double[truth.length];
    for (int row = 0; row < losses.length; row++) {
      losses[row] = -Math.log(clip(truth[row] == 1 ? positive[row] : 1 - positive[row]));
    }
    return losses;
  }

  /** (p − y)² of each example, whose mean is the Brier score of two classes. Brier 1950. */
  public static double[] brierTerms(int[] truth, double[] positive) {
    refuse(
        truth, positive, 0, Examples.count("truth", truth.length, "probability", positive.length));
    double[] terms = new double[truth.length];
    for (int row = 0; row < terms.length; row++) {
      double error = positive[row] - truth[row];
      terms[row] = error * error;
    }
    return terms;
  }

  /**
   * Σ over classes of (p − y)² of each example. Brier 1950, "Verification of Forecasts Expressed in
   * Terms of Probability"; halved for two classes, as scikit-learn does, so that it is the score of
   * {@link #brierTerms(int[], double[])}.
   */
  public static double[] brierTerms(int[] truth, double[][] probabilities) {
    check(truth, probabilities);
    double[] terms = new double[truth.length];
    for (int row = 0; row < terms.length; row++) {
      double[] p = probabilities[row];
      double sum = 0;
      for (int label = 0; label < p.length; label++) {
        double error = p[label] - (label == truth[row] ? 1 : 0);
        sum += error * error;
      }
      terms[row] = p.length < 3 ? sum / 2 : sum;
    }
    return terms;
  }

  public static double brier(int[] truth, double[] positive) {
    return Sums.mean(brierTerms(truth, positive));
  }

  public static double brier(int[] truth, double[][] probabilities) {
    return Sums.mean(brierTerms(truth, probabilities));
  }

  /** Every row as long as the first and of numbers from 0 to 1; every true class among them. */
  private static void check(int[] truth, double[][] probabilities) {
    Examples.count("truth", truth.length, "rows of probabilities", probabilities.length);
    int classes = probabilities[0].length;
    for (int row = 0; row < probabilities.length; row++) {
      Examples.count("classes", classes, "probabilities", probabilities[row].length);
      for (double p : probabilities[row]) {
        check(p, row);
      }
    }
    Examples.classes("the truth", truth, classes);
  }

  /**
   * Mean probability against the share that came true, by bins of equal width: bin b holds what is
   * above b/B and up to (b+1)/B, the first also 0.
   *
   * @param came 1 where what was told came true
   * @param told the probability that it was told with
   */
  public static Curve.Calibration calibration(String of, int[] came, double[] told, int bins) {
    int rows = Examples.count("outcome", came.length, "probability", told.length);
    double[] sums = new double[bins];
    long[] hits = new long[bins];
    long[] counts = new long[bins];
    for (int row = 0; row < rows; row++) {
      check(told[row], row);
      int bin = bin(told[row], bins);
      sums[bin] += told[row];
      hits[bin] += came[row];
      counts[bin]++;
    }
    int filled = 0;
    for (long count : counts) {
      filled += count > 0 ? 1 : 0;
    }
    double[] predicted = new double[filled];
    double[] observed = new double[filled];
    long[] kept = new long[filled];
    int at = 0;
    for (int bin = 0; bin < bins; bin++) {
      if (counts[bin] > 0) {
        predicted[at] = sums[bin] / counts[bin];
        observed[at] = (double) hits[bin] / counts[bin];
        kept[at++] = counts[bin];
      }
    }
    return new Curve.Calibration(of, predicted, observed, kept);
  }

  private static int bin(double p, int bins) {
    double width = 1.0 / bins;
    int bin = Math.clamp((int) (p * bins), 0, bins - 1);
    // Edges are multiples of the width, rounded as NumPy rounds them: p may lie on either side.
    while (bin > 0 && p <= bin * width) {
      bin--;
    }
    while (bin < bins - 1 && p > (bin + 1) * width) {
      bin++;
    }
    return bin;
  }

  /**
   * Expected calibration error: Σ n_b/n · |observed − predicted| over bins. Naeini, Cooper and
   * Hauskrecht 2015, "Obtaining Well Calibrated Probabilities Using Bayesian Binning".
   */
  public static double calibrationError(Curve.Calibration calibration) {
    double sum = 0;
    long examples = 0;
    for (int bin = 0; bin < calibration.counts().length; bin++) {
      long count = calibration.counts()[bin];
      sum += count * Math.abs(calibration.observed()[bin] - calibration.predicted()[bin]);
      examples += count;
    }
    return sum / examples;
  }

  /** {@link #calibrationError(Curve.Calibration)} of drawn rows with {@link #BINS} bins. */
  public static double calibrationError(int[] came, double[] told, int[] drawn) {
    double[] gaps = new double[BINS];
    for (int row : drawn) {
      gaps[bin(told[row], BINS)] += came[row] - told[row];
    }
    double sum = 0;
    for (double gap : gaps) {
      sum += Math.abs(gap);
    }
    return sum / drawn.length;
  }
}
