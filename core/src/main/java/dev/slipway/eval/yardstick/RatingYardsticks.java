package dev.slipway.eval.yardstick;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What is simple for recommendation: biases for ratings, popularity for what to show. */
public final class RatingYardsticks {
  private static final int SWEEPS = 20;

  private RatingYardsticks() {}

  /**
   * Ratings as μ + b(user) + b(item), the biases ridge regression by turns: b(item) = Σ (r − μ −
   * b(user)) / (5 + n), then b(user) likewise with 10 (Koren 2010, "Factor in the Neighbors", §2.1,
   * whose constants are 25 and 10 for a far larger set). A user or item that training hasn't has
   * bias 0.
   *
   * @param users and items of the training ratings, numbered from 0; −1 in the test is unknown
   * @param ratings as many
   * @return the mean and the biases; outputs {@code [test rating][1]}
   */
  public static TaskYardsticks.Result biases(
      int[] users, int[] items, double[] ratings, int[] testUsers, int[] testItems) {
    long start = System.nanoTime();
    double mean = Arrays.stream(ratings).average().orElse(0);
    double[] user = new double[1 + Math.max(most(users), most(testUsers))];
    double[] item = new double[1 + Math.max(most(items), most(testItems))];
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
      fit(item, items, user, users, ratings, mean, 5);
      fit(user, users, item, items, ratings, mean, 10);
    }
    double[][] constant = new double[testUsers.length][];
    double[][] outputs = new double[testUsers.length][];
    for (int i = 0; i < outputs.length; i++) {
      constant[i] = new double[] {mean};
      outputs[i] =
          new double[] {
            mean
                + (testUsers[i] < 0 ? 0 : user[testUsers[i]])
                + (testItems[i] < 0 ? 0 : item[testItems[i]])
          };
    }
    String saw = String.format(Locale.ROOT, "%,d training ratings", ratings.length);
    return new TaskYardsticks.Result(
        List.of(
            new Predictions("mean rating", constant, 0, saw, "needs no input"),
            new Predictions(
                "biases of users and items",
                outputs,
                (System.nanoTime() - start) / 1e9,
                saw,
                "Koren 2010, §2.1")),
        List.of());
  }

  private static int most(int[] values) {
    return Arrays.stream(values).max().orElse(-1);
  }

  private static void fit(
      double[] biases,
      int[] of,
      double[] others,
      int[] otherOf,
      double[] ratings,
      double mean,
      double shrink) {
    double[] sums = new double[biases.length];
    int[] counts = new int[biases.length];
    for (int i = 0; i < ratings.length; i++) {
      sums[of[i]] += ratings[i] - mean - others[otherOf[i]];
      counts[of[i]]++;
    }
    for (int b = 0; b < biases.length; b++) {
      biases[b] = sums[b] / (shrink + counts[b]);
    }
  }

  /**
   * How often each item occurs in training: the score of it for every user, to be ranked as the
   * model's scores are, with what a user already has taken out the same way.
   *
   * @param items of the training interactions, from 0
   * @param count of all items
   */
  public static double[] popularity(int[] items, int count) {
    double[] scores = new double[count];
    for (int item : items) {
      scores[item]++;
    }
    return scores;
  }
}
