package dev.slipway.eval.analysis;

import java.util.Comparator;
import java.util.stream.IntStream;

/** Which examples the model is most wrong about. */
public final class WorstErrors {
  private WorstErrors() {}

  /**
   * Indices of the {@code count} largest losses, the largest first, equal ones in their order; NaN
   * counts as largest of all, since a model that answers nothing is wrong.
   *
   * @param loss of each example: −ln p(truth), or the absolute error
   */
  public static int[] of(double[] loss, int count) {
    return IntStream.range(0, loss.length)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer i) -> loss[i]).reversed())
        .limit(count)
        .mapToInt(i -> i)
        .toArray();
  }

  /** Evenly drawn over all examples, from the first to the last: what is usual, not worst. */
  public static int[] spread(int examples, int count) {
    int n = Math.min(examples, count);
    return IntStream.range(0, n).map(i -> (int) ((long) i * examples / n)).toArray();
  }

  /**
   * −ln of the probability that each example's class was given, at least 1e-15.
   *
   * @param truth class of each example
   * @param probabilities {@code [example][class]}
   */
  public static double[] logLosses(int[] truth, double[][] probabilities) {
    double[] losses = new double[truth.length];
    for (int i = 0; i < losses.length; i++) {
      losses[i] = -Math.log(Math.max(1e-15, probabilities[i][truth[i]]));
    }
    return losses;
  }
}
