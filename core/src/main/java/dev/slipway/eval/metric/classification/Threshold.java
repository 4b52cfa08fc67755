package dev.slipway.eval.metric.classification;

import dev.slipway.eval.metric.Measured;

/**
 * From which score an example is called positive. It is chosen on validation examples and then
 * kept: chosen on the test examples it would flatter every figure that depends on it.
 *
 * @param score positive from this score up; midway between two scores that were seen
 * @param criterion what the choice came to: J, F1, or the mean cost of an example
 * @param truePositives of the examples that it was chosen on
 * @param falsePositives of them
 * @param falseNegatives of them
 * @param trueNegatives of them
 */
public record Threshold(
    double score,
    Measured criterion,
    long truePositives,
    long falsePositives,
    long falseNegatives,
    long trueNegatives) {

  /** What a threshold is chosen by. */
  public sealed interface By {
    /** Higher is better. */
    double worth(double tp, double fp, double fn, double tn);

    /** Youden's J, recall + specificity − 1. Youden 1950, "Index for Rating Diagnostic Tests". */
    record Youden() implements By {
      @Override
      public double worth(double tp, double fp, double fn, double tn) {
        return tp / (tp + fn) + tn / (tn + fp) - 1;
      }
    }

    /** 2 TP / (2 TP + FP + FN). */
    record F1() implements By {
      @Override
      public double worth(double tp, double fp, double fn, double tn) {
        return 2 * tp / (2 * tp + fp + fn);
      }
    }

    /**
     * The least mean cost. Elkan 2001, "The Foundations of Cost-Sensitive Learning".
     *
     * @param falsePositive cost of a negative that is called positive
     * @param falseNegative cost of a positive that is called negative
     */
    record Cost(double falsePositive, double falseNegative) implements By {
      public Cost {
        if (!(falsePositive >= 0 && falseNegative >= 0 && falsePositive + falseNegative > 0)
            || Double.isInfinite(falsePositive + falseNegative)) {
          throw new IllegalArgumentException(
              "costs are "
                  + falsePositive
                  + " and "
                  + falseNegative
                  + ", expected numbers from 0 up, not both 0");
        }
      }

      @Override
      public double worth(double tp, double fp, double fn, double tn) {
        return -(falsePositive * fp + falseNegative * fn) / (tp + fp + fn + tn);
      }
    }
  }

  /**
   * The best threshold of all that part the examples differently, the highest of equally good ones.
   * Where one class is missing there is nothing to choose by Youden's J or F1; then {@code
   * criterion} is undefined and the score 0.5.
   */
  public static Threshold choose(BinaryScores scores, By by) {
    int positives = scores.positiveCount();
    int negatives = scores.negativeCount();
    if (!(by instanceof By.Cost) && (positives == 0 || negatives == 0)) {
      return new Threshold(
          0.5,
          Measured.undefined(positives == 0 ? "no example is positive" : "no example is negative"),
          0,
          0,
          positives,
          negatives);
    }
    Search search = new Search(by, positives, negatives);
    scores.descend(search);
    double worth = by instanceof By.Cost ? -search.best : search.best;
    return new Threshold(
        search.threshold(),
        Measured.of(worth == 0 ? 0 : worth),
        search.bestTp,
        search.bestFp,
        positives - search.bestTp,
        negatives - search.bestFp);
  }

  private static final class Search implements BinaryScores.Step {
    private final By by;
    private final int positives;
    private final int negatives;
    private double best;
    private int bestTp;
    private int bestFp;
    private double from = Double.NaN;
    private double below = Double.NaN;

    Search(By by, int positives, int negatives) {
      this.by = by;
      this.positives = positives;
      this.negatives = negatives;
      // Calling nothing positive is a choice too.
      best = by.worth(0, 0, positives, negatives);
    }

    @Override
    public void at(double score, int tp, int fp) {
      if (Double.isNaN(below)) {
        below = score;
      }
      double worth = by.worth(tp, fp, positives - tp, negatives - fp);
      if (worth > best) {
        best = worth;
        bestTp = tp;
        bestFp = fp;
        from = score;
        below = Double.NaN;
      }
    }

    private double threshold() {
      if (Double.isNaN(from)) {
        // Just above the highest score.
        return Math.nextUp(below);
      }
      if (Double.isNaN(below)) {
        return from;
      }
      double middle = below + (from - below) / 2;
      return middle > below ? middle : from;
    }
  }
}
