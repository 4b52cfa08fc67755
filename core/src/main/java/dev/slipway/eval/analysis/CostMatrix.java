package dev.slipway.eval.analysis;

import dev.slipway.eval.metric.Bootstrap;
import dev.slipway.eval.metric.Interval;
import dev.slipway.eval.metric.classification.BinaryScores;
import dev.slipway.eval.metric.classification.Threshold;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What decisions between two classes cost: Elkan 2001, "The Foundations of Cost-Sensitive
 * Learning". German credit's is {@code {{0, 1}, {5, 0}}} with good first: to call a bad risk good
 * costs five times as much as the other mistake.
 *
 * @param classes names, two
 * @param costs {@code [true][predicted]}, from 0 up
 */
public record CostMatrix(List<String> classes, double[][] costs) {
  public CostMatrix {
    classes = List.copyOf(classes);
    costs = Arrays.stream(costs).map(double[]::clone).toArray(double[][]::new);
    if (classes.size() != 2
        || costs.length != 2
        || Arrays.stream(costs)
            .anyMatch(
                row ->
                    row.length != 2
                        || Arrays.stream(row).anyMatch(c -> !(c >= 0) || Double.isInfinite(c)))) {
      throw new IllegalArgumentException(
          "the costs "
              + Arrays.deepToString(costs)
              + " of "
              + classes
              + " came, expected 2 classes and 2 rows of 2 numbers from 0 up");
    }
  }

  /**
   * The mean cost of an example.
   *
   * @param test of the model's decisions, with its interval of 95 %; null for the interval of one
   *     example
   * @param testCost the same figure alone
   * @param threshold chosen on the validation examples
   * @param validationCost what the threshold costs on the examples that it was chosen on
   * @param usualCost on test at probability one half
   * @param constantCost on test of the best single class for all, which needs no model
   * @param constantClass which class that is, chosen on validation examples
   */
  public record Outcome(
      @Nullable Interval test,
      double testCost,
      double threshold,
      double validationCost,
      double usualCost,
      double constantCost,
      String constantClass) {}

  /**
   * Chooses the threshold of least cost on validation examples and tells what it costs on the test
   * examples, of which the choice knows nothing.
   *
   * @param positive probability of the second class
   */
  public Outcome leastCost(
      int[] validationTruth,
      double[] validationPositive,
      int[] truth,
      double[] positive,
      long seed) {
    // Elkan's equivalent costs: of a mistake beyond what the right decision would cost anyway.
    Threshold threshold =
        Threshold.choose(
            BinaryScores.of(validationTruth, validationPositive),
            new Threshold.By.Cost(
                Math.max(0, costs[0][1] - costs[0][0]), Math.max(0, costs[1][0] - costs[1][1])));
    int[] predicted = called(positive, threshold.score());
    int constant =
        mean(validationTruth, all(validationTruth, 1))
                < mean(validationTruth, all(validationTruth, 0))
            ? 1
            : 0;
    double[] each = new double[truth.length];
    for (int i = 0; i < each.length; i++) {
      each[i] = costs[truth[i]][predicted[i]];
    }
    return new Outcome(
        new Bootstrap(seed).mean(each),
        mean(truth, predicted),
        threshold.score(),
        mean(validationTruth, called(validationPositive, threshold.score())),
        mean(truth, called(positive, 0.5)),
        mean(truth, all(truth, constant)),
        classes.get(constant));
  }

  private static int[] all(int[] of, int value) {
    int[] all = new int[of.length];
    Arrays.fill(all, value);
    return all;
  }

  private static int[] called(double[] positive, double threshold) {
    return Arrays.stream(positive).mapToInt(p -> p >= threshold ? 1 : 0).toArray();
  }

  private double mean(int[] truth, int[] predicted) {
    double sum = 0;
    for (int i = 0; i < truth.length; i++) {
      sum += costs[truth[i]][predicted[i]];
    }
    return sum / truth.length;
  }
}
