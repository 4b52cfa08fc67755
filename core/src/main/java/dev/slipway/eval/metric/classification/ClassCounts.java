package dev.slipway.eval.metric.classification;

import dev.slipway.eval.metric.Examples;
import dev.slipway.eval.metric.Measured;
import java.util.stream.IntStream;

/**
 * How many examples of each class were hit, predicted and there. Accuracy, precision, recall, F1,
 * Cohen's kappa and Matthews' correlation follow from these alone.
 *
 * @param hits examples by class that are of it and were predicted as it
 * @param predicted examples by class that were predicted as it
 * @param actual examples by class that are of it
 * @param examples number of all
 */
public record ClassCounts(long[] hits, long[] predicted, long[] actual, long examples) {
  private static final int PARALLEL_FROM = 1 << 17;

  /**
   * Counts one true and one predicted class each.
   *
   * @param truth class indices from 0
   * @param predicted class indices from 0, as many
   * @throws dev.slipway.base.SlipwayException {@code eval.lengths-differ}, {@code
   *     eval.no-examples}, {@code eval.not-a-class}
   */
  public static ClassCounts of(int[] truth, int[] predicted, int classes) {
    int rows = Examples.count("truth", truth.length, "prediction", predicted.length);
    int parts = rows < PARALLEL_FROM ? 1 : Math.min(16, Runtime.getRuntime().availableProcessors());
    return IntStream.range(0, parts)
        .parallel()
        .mapToObj(
            part ->
                range(
                    truth,
                    predicted,
                    classes,
                    (int) ((long) rows * part / parts),
                    (int) ((long) rows * (part + 1) / parts)))
        .reduce(ClassCounts::plus)
        .orElseThrow();
  }

  /** Counts the drawn rows alone. */
  public static ClassCounts of(int[] truth, int[] predicted, int classes, int[] drawn) {
    long[] hits = new long[classes];
    long[] guesses = new long[classes];
    long[] actual = new long[classes];
    for (int row : drawn) {
      int is = truth[row];
      int told = predicted[row];
      actual[is]++;
      guesses[told]++;
      if (is == told) {
        hits[is]++;
      }
    }
    return new ClassCounts(hits, guesses, actual, drawn.length);
  }

  private static ClassCounts range(int[] truth, int[] predicted, int classes, int from, int to) {
    if (classes == 2) {
      return binary(truth, predicted, from, to);
    }
    long[] hits = new long[classes];
    long[] guesses = new long[classes];
    long[] actual = new long[classes];
    for (int row = from; row < to; row++) {
      int is = truth[row];
      int told = predicted[row];
      check(truth, predicted, row, classes);
      actual[is]++;
      guesses[told]++;
      if (is == told) {
        hits[is]++;
      }
    }
    return new ClassCounts(hits, guesses, actual, to - from);
  }

  /**
   * Sums in place of counts: no branch and no store in the loop, so that it runs at memory speed.
   */
  private static ClassCounts binary(int[] truth, int[] predicted, int from, int to) {
    long ones = 0;
    long told = 0;
    long both = 0;
    int block = 1 << 16;
    for (int start = from; start < to; start += block) {
      int end = Math.min(to, start + block);
      int is = 0;
      int guessed = 0;
      int hit = 0;
      int seen = 0;
      for (int row = start; row < end; row++) {
        is += truth[row];
        guessed += predicted[row];
        hit += truth[row] & predicted[row];
        seen |= truth[row] | predicted[row];
      }
      if ((seen & ~1) != 0) {
        for (int row = start; row < end; row++) {
          check(truth, predicted, row, 2);
        }
      }
      ones += is;
      told += guessed;
      both += hit;
    }
    long rows = to - from;
    return new ClassCounts(
        new long[] {rows - ones - told + both, both},
        new long[] {rows - told, told},
        new long[] {rows - ones, ones},
        rows);
  }

  private static void check(int[] truth, int[] predicted, int row, int classes) {
    if (truth[row] < 0 || truth[row] >= classes) {
      throw Examples.notAClass("the truth", row, truth[row], classes);
    }
    if (predicted[row] < 0 || predicted[row] >= classes) {
      throw Examples.notAClass("the prediction", row, predicted[row], classes);
    }
  }

  private ClassCounts plus(ClassCounts other) {
    return new ClassCounts(
        sums(hits, other.hits),
        sums(predicted, other.predicted),
        sums(actual, other.actual),
        examples + other.examples);
  }

  private static long[] sums(long[] a, long[] b) {
    long[] sums = a.clone();
    for (int i = 0; i < sums.length; i++) {
      sums[i] += b[i];
    }
    return sums;
  }

  public int classes() {
    return hits.length;
  }

  /** Whether a class is in the truth or was predicted; averages are over these. */
  public boolean occurs(int label) {
    return actual[label] > 0 || predicted[label] > 0;
  }

  /** The share of examples whose class was told: Σ hits / n. */
  public double accuracy() {
    return (double) sum(hits) / examples;
  }

  /**
   * The mean recall of the classes that the truth has. Brodersen et al. 2010, "The Balanced
   * Accuracy and Its Posterior Distribution".
   */
  public double balancedAccuracy() {
    double sum = 0;
    int count = 0;
    for (int label = 0; label < hits.length; label++) {
      if (actual[label] > 0) {
        sum += (double) hits[label] / actual[label];
        count++;
      }
    }
    return sum / count;
  }

  /** hits / predicted of one class; 0 where it was never predicted. */
  public double precision(int label) {
    return ratio(hits[label], predicted[label]);
  }

  /** hits / actual of one class; 0 where it never occurs. */
  public double recall(int label) {
    return ratio(hits[label], actual[label]);
  }

  /** 2 hits / (predicted + actual): the harmonic mean of precision and recall. */
  public double f1(int label) {
    return ratio(2 * hits[label], predicted[label] + actual[label]);
  }

  public double precision(Average average) {
    return average(average, this::precision, ratio(sum(hits), sum(predicted)));
  }

  public double recall(Average average) {
    return average(average, this::recall, ratio(sum(hits), sum(actual)));
  }

  public double f1(Average average) {
    return average(average, this::f1, ratio(2 * sum(hits), sum(predicted) + sum(actual)));
  }

  /**
   * Agreement beyond chance, (p₀ − pₑ) / (1 − pₑ). Cohen 1960, "A Coefficient of Agreement for
   * Nominal Scales". Undefined where chance alone agrees always.
   */
  public Measured kappa() {
    double n = examples;
    double chance = 0;
    for (int label = 0; label < hits.length; label++) {
      chance += predicted[label] / n * (actual[label] / n);
    }
    if (onlyOneClass()) {
      return Measured.undefined("truth and prediction have one and the same class throughout");
    }
    return Measured.of((accuracy() - chance) / (1 - chance));
  }

  /**
   * Matthews' correlation for any number of classes, (n Σhits − Σ predicted·actual) / √((n² − Σ
   * predicted²)(n² − Σ actual²)). Gorodkin 2004, "Comparing two K-category assignments by a
   * K-category correlation coefficient". 0 where truth or prediction has one class only, as in
   * scikit-learn.
   */
  public double matthewsCorrelation() {
    double n = examples;
    double both = 0;
    double told = 0;
    double is = 0;
    for (int label = 0; label < hits.length; label++) {
      both += (double) predicted[label] * actual[label];
      told += (double) predicted[label] * predicted[label];
      is += (double) actual[label] * actual[label];
    }
    double spread = Math.sqrt(n * n - told) * Math.sqrt(n * n - is);
    return spread == 0 ? 0 : (n * sum(hits) - both) / spread;
  }

  boolean onlyOneClass() {
    for (int label = 0; label < hits.length; label++) {
      if (actual[label] == examples && predicted[label] == examples) {
        return true;
      }
    }
    return false;
  }

  private interface OfClass {
    double at(int label);
  }

  private double average(Average average, OfClass figure, double micro) {
    if (average == Average.MICRO) {
      return micro;
    }
    double sum = 0;
    double weights = 0;
    for (int label = 0; label < hits.length; label++) {
      if (occurs(label)) {
        double weight = average == Average.MACRO ? 1 : actual[label];
        sum += weight * figure.at(label);
        weights += weight;
      }
    }
    return weights == 0 ? 0 : sum / weights;
  }

  private static double ratio(long part, long whole) {
    return whole == 0 ? 0 : (double) part / whole;
  }

  private static long sum(long[] values) {
    long sum = 0;
    for (long value : values) {
      sum += value;
    }
    return sum;
  }
}
