package dev.slipway.eval.metric.classification;

import dev.slipway.eval.metric.Curve;
import dev.slipway.eval.metric.Examples;
import dev.slipway.eval.metric.Measured;
import java.util.Arrays;
import java.util.function.LongBinaryOperator;
import java.util.stream.IntStream;

/**
 * The scores of positives and of negatives, each sorted. All that ranks examples of two classes
 * (areas, curves, thresholds) is one pass from the highest score down through both, so that no
 * label has to be carried through a sort.
 */
public final class BinaryScores {
  private static final int PARALLEL_FROM = 1 << 15;

  private final double[] positives;
  private final double[] negatives;

  private BinaryScores(double[] positives, double[] negatives) {
    this.positives = positives;
    this.negatives = negatives;
  }

  /**
   * @param truth 1 for positive, 0 for negative
   * @param scores higher is more positive; probabilities or any finite numbers
   * @throws dev.slipway.base.SlipwayException {@code eval.lengths-differ}, {@code
   *     eval.no-examples}, {@code eval.not-a-class}, {@code eval.not-finite}
   */
  public static BinaryScores of(int[] truth, double[] scores) {
    int rows = Examples.count("truth", truth.length, "score", scores.length);
    int seen = 0;
    int count = 0;
    for (int value : truth) {
      seen |= value;
      count += value;
    }
    if ((seen & ~1) != 0) {
      Examples.classes("the truth", truth, 2);
    }
    // One array, positives from the left and negatives from the right: no branch to mispredict.
    double[] both = new double[rows + 1];
    int left = 0;
    int right = rows;
    for (int row = 0; row < rows; row++) {
      double score = scores[row];
      both[left] = score;
      both[right] = score;
      left += truth[row];
      right -= 1 - truth[row];
    }
    double[] positives = sorted(Arrays.copyOf(both, count));
    double[] negatives = sorted(Arrays.copyOfRange(both, count + 1, rows + 1));
    // Sorted, infinities and NaN stand at the ends.
    if (!endsAreFinite(positives) || !endsAreFinite(negatives)) {
      Examples.finite("the score", scores);
    }
    return new BinaryScores(positives, negatives);
  }

  /** Of the drawn rows: positive where the truth is a certain class, with that class's scores. */
  public static BinaryScores of(int[] truth, int positive, double[] scores, int[] drawn) {
    return of(truth, positive, row -> scores[row], drawn);
  }

  /** The score of a row. */
  @FunctionalInterface
  public interface Score {
    double of(int row);
  }

  public static BinaryScores of(int[] truth, int positive, Score scores, int[] drawn) {
    double[] positives = new double[drawn.length];
    double[] negatives = new double[drawn.length];
    int left = 0;
    int right = 0;
    for (int row : drawn) {
      if (truth[row] == positive) {
        positives[left++] = scores.of(row);
      } else {
        negatives[right++] = scores.of(row);
      }
    }
    return ofSides(Arrays.copyOf(positives, left), Arrays.copyOf(negatives, right));
  }

  /** Takes both arrays and sorts them; every number is finite. */
  static BinaryScores ofSides(double[] positives, double[] negatives) {
    return new BinaryScores(sorted(positives), sorted(negatives));
  }

  /** In the array given, or in another. */
  private static double[] sorted(double[] values) {
    if (values.length >= PARALLEL_FROM) {
      return BucketSort.sorted(values);
    }
    Arrays.sort(values);
    return values;
  }

  private static boolean endsAreFinite(double[] sorted) {
    return sorted.length == 0
        || (Double.isFinite(sorted[0]) && Double.isFinite(sorted[sorted.length - 1]));
  }

  public int positiveCount() {
    return positives.length;
  }

  public int negativeCount() {
    return negatives.length;
  }

  /** Called at each distinct score from the highest down. */
  @FunctionalInterface
  interface Step {
    /**
     * @param score the threshold
     * @param truePositives positives that score this or more
     * @param falsePositives negatives that score this or more
     */
    void at(double score, int truePositives, int falsePositives);
  }

  void descend(Step step) {
    int p = positives.length - 1;
    int n = negatives.length - 1;
    while (p >= 0 || n >= 0) {
      double score =
          n < 0 || (p >= 0 && positives[p] >= negatives[n]) ? positives[p] : negatives[n];
      // == takes 0.0 and -0.0 for the same score, as scikit-learn does.
      while (p >= 0 && positives[p] == score) {
        p--;
      }
      while (n >= 0 && negatives[n] == score) {
        n--;
      }
      step.at(score, positives.length - 1 - p, negatives.length - 1 - n);
    }
  }

  /**
   * The chance that a positive scores above a negative, ties counted half: (Σ [s⁺ > s⁻] + ½ [s⁺ =
   * s⁻]) / (P N), which is the area under the ROC curve. Hanley and McNeil 1982, "The Meaning and
   * Use of the Area under a ROC Curve". Undefined where one of the classes is missing.
   */
  public Measured rocAuc() {
    if (positives.length == 0 || negatives.length == 0) {
      return Measured.undefined(
          positives.length == 0 ? "no example is positive" : "no example is negative");
    }
    // Twice the count, in whole numbers: exact for as many examples as fit into an array.
    long twice = split(positives.length, this::twiceTheWins);
    return Measured.of(twice / (2.0 * positives.length * negatives.length));
  }

  /** Σ over positives from..to of 2·(negatives below) + (negatives equal). */
  private long twiceTheWins(long from, long to) {
    int below = from == to ? 0 : lowerBound(negatives, positives[(int) from]);
    int upTo = below;
    long twice = 0;
    int count = negatives.length;
    for (int p = (int) from; p < to; p++) {
      double score = positives[p];
      while (below < count && negatives[below] < score) {
        below++;
      }
      upTo = Math.max(upTo, below);
      while (upTo < count && negatives[upTo] <= score) {
        upTo++;
      }
      twice += below + upTo;
    }
    return twice;
  }

  private static long split(int count, LongBinaryOperator part) {
    if (count < PARALLEL_FROM) {
      return part.applyAsLong(0, count);
    }
    int parts = 2 * Runtime.getRuntime().availableProcessors();
    return IntStream.range(0, parts)
        .parallel()
        .mapToLong(i -> part.applyAsLong((long) count * i / parts, (long) count * (i + 1) / parts))
        .sum();
  }

  /** The first index whose value is not below {@code value}. */
  private static int lowerBound(double[] sorted, double value) {
    int low = 0;
    int high = sorted.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sorted[middle] < value) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /**
   * Σ (Rₙ − Rₙ₋₁) Pₙ over thresholds from the highest down: precision at each step of recall,
   * without interpolation. As scikit-learn's {@code average_precision_score}; Zhu 2004, "Recall,
   * Precision and Average Precision". Undefined where no example is positive.
   */
  public Measured averagePrecision() {
    if (positives.length == 0) {
      return Measured.undefined("no example is positive");
    }
    if (positives.length < PARALLEL_FROM) {
      return Measured.of(precisions(0, positives.length) / positives.length);
    }
    int parts = 2 * Runtime.getRuntime().availableProcessors();
    double[] sums = new double[parts];
    IntStream.range(0, parts)
        .parallel()
        .forEach(i -> sums[i] = precisions(boundary(i, parts), boundary(i + 1, parts)));
    double sum = 0;
    for (double value : sums) {
      sum += value;
    }
    return Measured.of(sum / positives.length);
  }

  /** Where a part begins: never between equal scores. */
  private int boundary(int part, int parts) {
    int at = (int) ((long) positives.length * part / parts);
    return part == parts ? positives.length : lowerBound(positives, positives[at]);
  }

  /** Σ over positives from..to of the precision at their score. */
  private double precisions(int from, int to) {
    double sum = 0;
    int n = from == to ? 0 : lowerBound(negatives, positives[from]);
    int total = negatives.length;
    int count = positives.length;
    int p = from;
    while (p < to) {
      double score = positives[p];
      while (n < total && negatives[n] < score) {
        n++;
      }
      int end = p + 1;
      while (end < to && positives[end] == score) {
        end++;
      }
      double taken = count - p;
      sum += (end - p) * (taken / (taken + total - n));
      p = end;
    }
    return sum;
  }

  /**
   * The ROC curve without the points that lie on a line between their neighbours, as scikit-learn's
   * {@code roc_curve}.
   */
  public Curve.Roc roc(String of) {
    return roc(of, Integer.MAX_VALUE);
  }

  /** The same of about {@code points} thresholds, evenly many examples apart: for drawing. */
  public Curve.Roc roc(String of, int points) {
    Steps steps = steps(points);
    int count = steps.size;
    boolean[] keep = new boolean[count];
    int kept = 0;
    for (int i = 0; i < count; i++) {
      boolean end = i == 0 || i == count - 1;
      keep[i] = end || count <= 2 || bends(steps.tp, i) || bends(steps.fp, i);
      kept += keep[i] ? 1 : 0;
    }
    double[] falsePositive = new double[kept + 1];
    double[] truePositive = new double[kept + 1];
    double[] thresholds = new double[kept + 1];
    thresholds[0] = Double.POSITIVE_INFINITY;
    int at = 1;
    for (int i = 0; i < count; i++) {
      if (keep[i]) {
        falsePositive[at] = share(steps.fp[i], negatives.length);
        truePositive[at] = share(steps.tp[i], positives.length);
        thresholds[at++] = steps.scores[i];
      }
    }
    return new Curve.Roc(of, falsePositive, truePositive, thresholds);
  }

  private static boolean bends(int[] values, int i) {
    return values[i + 1] - 2 * values[i] + values[i - 1] != 0;
  }

  private static double share(int part, int whole) {
    return whole == 0 ? 0 : (double) part / whole;
  }

  /**
   * As scikit-learn's {@code precision_recall_curve}: thresholds rise, the last point is (0, 1).
   */
  public Curve.PrecisionRecall precisionRecall(String of) {
    return precisionRecall(of, Integer.MAX_VALUE);
  }

  /** The same of about {@code points} thresholds, evenly many examples apart: for drawing. */
  public Curve.PrecisionRecall precisionRecall(String of, int points) {
    Steps steps = steps(points);
    int count = steps.size;
    double[] precision = new double[count + 1];
    double[] recall = new double[count + 1];
    double[] thresholds = new double[count];
    for (int i = 0; i < count; i++) {
      int from = count - 1 - i;
      thresholds[i] = steps.scores[from];
      precision[i] = (double) steps.tp[from] / (steps.tp[from] + steps.fp[from]);
      recall[i] = positives.length == 0 ? 1 : (double) steps.tp[from] / positives.length;
    }
    precision[count] = 1;
    return new Curve.PrecisionRecall(of, precision, recall, thresholds);
  }

  private Steps steps(int points) {
    int examples = positives.length + negatives.length;
    int stride = examples / points;
    Steps steps = new Steps();
    int[] taken = {-stride};
    descend(
        (score, tp, fp) -> {
          if (tp + fp - taken[0] >= stride || tp + fp == examples) {
            taken[0] = tp + fp;
            steps.add(score, tp, fp);
          }
        });
    return steps;
  }

  private static final class Steps {
    private double[] scores = new double[64];
    private int[] tp = new int[64];
    private int[] fp = new int[64];
    private int size;

    private void add(double score, int truePositives, int falsePositives) {
      if (size == scores.length) {
        scores = Arrays.copyOf(scores, 2 * size);
        tp = Arrays.copyOf(tp, 2 * size);
        fp = Arrays.copyOf(fp, 2 * size);
      }
      scores[size] = score;
      tp[size] = truePositives;
      fp[size++] = falsePositives;
    }
  }
}
