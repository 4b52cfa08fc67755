package dev.slipway.eval.analysis;

import dev.slipway.eval.metric.Bootstrap;
import dev.slipway.eval.metric.Interval;
import dev.slipway.eval.metric.classification.BinaryScores;
import dev.slipway.eval.metric.classification.Threshold;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What decisions cost: Elkan 2001, "The Foundations of Cost-Sensitive Learning". German credit's is
 * {@code {{0, 1}, {5, 0}}} with good first: to call a bad risk good costs five times as much as the
 * other mistake.
 *
 * @param classes names
 * @param costs {@code [true][predicted]}, from 0 up
 */
public record CostMatrix(List<String> classes, double[][] costs) {
  public CostMatrix {
    classes = List.copyOf(classes);
    costs = Arrays.stream(costs).map(double[]::clone).toArray(double[][]::new);
    int size = classes.size();
    if (costs.length != size
        || Arrays.stream(costs)
            .anyMatch(
                row ->
                    row.length != size
                        || Arrays.stream(row).anyMatch(c -> !(c >= 0) || Double.isInfinite(c)))) {
      throw new IllegalArgumentException(
          "the costs "
              + Arrays.deepToString(costs)
              + " came, expected "
              + size
              + " rows of "
              + size
              + " numbers from 0 up");
    }
  }

  /**
   * The mean cost of an example.
   *
   * @param test of the model's decisions, with its interval of 95 %; null for the interval of one
   *     example
   * @param testCost the same figure alone
   * @param threshold chosen on the validation examples; NaN with more than two classes, where each
   *     example gets the class of least expected cost
   * @param validationCost what the threshold costs on the examples that it was chosen on; NaN with
   *     more than two classes
   * @param usualCost on test at probability one half, or by the most probable class
   * @param constantCost on test of the best single class for all, which needs no model
   * @param constantClass which class that is, chosen on validation examples
   * @param predicted the decision of each test example
   */
  public record Outcome(
      @Nullable Interval test,
      double testCost,
      double threshold,
      double validationCost,
      double usualCost,
      double constantCost,
      String constantClass,
      int[] predicted) {}

  /**
   * Chooses the threshold of least cost on validation examples and tells what it costs on the test
   * examples, of which the choice knows nothing.
   *
   * @param positive probability of the second class
   */
  public Outcome binary(
      int[] validationTruth,
      double[] validationPositive,
      int[] truth,
      double[] positive,
      long seed) {
    if (classes.size() != 2) {
      throw new IllegalArgumentException(classes.size() + " classes, expected 2");
    }
    // Elkan's equivalent costs: of a mistake beyond what the right decision would cost anyway.
    Threshold threshold =
        Threshold.choose(
            BinaryScores.of(validationTruth, validationPositive),
            new Threshold.By.Cost(
                Math.max(0, costs[0][1] - costs[0][0]), Math.max(0, costs[1][0] - costs[1][1])));
    return outcome(
        validationTruth,
        truth,
        called(positive, threshold.score()),
        called(positive, 0.5),
        threshold.score(),
        mean(validationTruth, called(validationPositive, threshold.score())),
        seed);
  }

  /**
   * Several classes: each test example gets the class j of least expected cost Σ p(i) cost(i, j),
   * which needs no choice, but probabilities that are calibrated.
   */
  public Outcome multiClass(
      int[] validationTruth, int[] truth, double[][] probabilities, long seed) {
    int[] cheapest = new int[truth.length];
    int[] likeliest = new int[truth.length];
    for (int i = 0; i < truth.length; i++) {
      double[] p = probabilities[i];
      double[] expected = new double[p.length];
      for (int told = 0; told < p.length; told++) {
        for (int real = 0; real < p.length; real++) {
          expected[told] += p[real] * costs[real][told];
        }
        cheapest[i] = expected[told] < expected[cheapest[i]] ? told : cheapest[i];
        likeliest[i] = p[told] > p[likeliest[i]] ? told : likeliest[i];
      }
    }
    return outcome(validationTruth, truth, cheapest, likeliest, Double.NaN, Double.NaN, seed);
  }

  private Outcome outcome(
      int[] validationTruth,
      int[] truth,
      int[] predicted,
      int[] usual,
      double threshold,
      double validationCost,
      long seed) {
    int constant = 0;
    for (int c = 1; c < classes.size(); c++) {
      constant =
          mean(validationTruth, all(validationTruth, c))
                  < mean(validationTruth, all(validationTruth, constant))
              ? c
              : constant;
    }
    double[] each = new double[truth.length];
    for (int i = 0; i < each.length; i++) {
      each[i] = costs[truth[i]][predicted[i]];
    }
    return new Outcome(
        new Bootstrap(seed).mean(each),
        mean(truth, predicted),
        threshold,
        validationCost,
        mean(truth, usual),
        mean(truth, all(truth, constant)),
        classes.get(constant),
        predicted);
  }

  private static int[] all(int[] of, int value) {
    int[] all = new int[of.length];
    Arrays.fill(all, value);
    return all;
  }

  private static int[] called(double[] positive, double threshold) {
    return Arrays.stream(positive).mapToInt(p -> p >= threshold ? 1 : 0).toArray();
  }

  /** Mean cost of decisions. */
  public double mean(int[] truth, int[] predicted) {
    double sum = 0;
    for (int i = 0; i < truth.length; i++) {
      sum += costs[truth[i]][predicted[i]];
    }
    return sum / truth.length;
  }
}
