package dev.slipway.eval.yardstick;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Items by items that the same users liked: {@code score(u, i) = Σⱼ cos(i, j)} over the items j
 * that the user liked, where i is among the nearest of j (Deshpande and Karypis 2004, "Item-Based
 * Top-N Recommendation Algorithms"). The cosine is that of the items' columns of users.
 */
public final class ItemNeighbours {
  private static final int NEAREST = 100;

  /** Pairs that are counted within about half a minute. */
  private static final long MOST_PAIRS = 2_000_000_000L;

  private final int[][] nearest;
  private final double[][] similarities;

  private ItemNeighbours(int[][] nearest, double[][] similarities) {
    this.nearest = nearest;
    this.similarities = similarities;
  }

  /**
   * Counts pairs of items; empty where that would take too long.
   *
   * @param liked items of each user, from 0, each once
   * @param items how many there are
   */
  public static Optional<ItemNeighbours> of(List<int[]> liked, int items) {
    long pairs = liked.stream().mapToLong(own -> (long) own.length * own.length).sum();
    if (pairs > MOST_PAIRS) {
      return Optional.empty();
    }
    List<List<int[]>> likers = new ArrayList<>();
    IntStream.range(0, items).forEach(_ -> likers.add(new ArrayList<>()));
    for (int[] own : liked) {
      for (int item : own) {
        likers.get(item).add(own);
      }
    }
    int[][] nearest = new int[items][];
    double[][] similarities = new double[items][];
    IntStream.range(0, items)
        .parallel()
        .forEach(
            item -> {
              double[] cosines = cosines(item, likers);
              nearest[item] =
                  IntStream.range(0, items)
                      .filter(i -> cosines[i] > 0)
                      .boxed()
                      .sorted(Comparator.comparingDouble(i -> -cosines[i]))
                      .limit(NEAREST)
                      .mapToInt(Integer::intValue)
                      .toArray();
              similarities[item] =
                  Arrays.stream(nearest[item]).mapToDouble(i -> cosines[i]).toArray();
            });
    return Optional.of(new ItemNeighbours(nearest, similarities));
  }

  private static double[] cosines(int item, List<List<int[]>> likers) {
    double[] cosines = new double[likers.size()];
    for (int[] own : likers.get(item)) {
      for (int other : own) {
        cosines[other]++;
      }
    }
    cosines[item] = 0;
    for (int other = 0; other < cosines.length; other++) {
      if (cosines[other] > 0) {
        cosines[other] /= Math.sqrt((double) likers.get(item).size() * likers.get(other).size());
      }
    }
    return cosines;
  }

  /** Scores of all items for somebody who liked these. */
  public double[] scores(int[] liked) {
    double[] scores = new double[nearest.length];
    for (int item : liked) {
      for (int n = 0; n < nearest[item].length; n++) {
        scores[nearest[item][n]] += similarities[item][n];
      }
    }
    return scores;
  }
}
