package dev.slipway.eval.metric.ranking;

import dev.slipway.eval.metric.Examples;
import java.util.Arrays;

/**
 * The items of one query (or of one user) from the highest score down; of equal scores the one that
 * was given first.
 */
public final class RankedList {
  private final double[] scores;
  private final double[] relevance;
  private final int relevant;

  private RankedList(double[] scores, double[] relevance, int relevant) {
    this.scores = scores;
    this.relevance = relevance;
    this.relevant = relevant;
  }

  /**
   * @param relevance 0 for an item that is not relevant, else how much; never negative
   * @param scores as many, finite
   */
  public static RankedList of(double[] relevance, double[] scores) {
    int items = Examples.count("relevances", relevance.length, "scores", scores.length);
    Examples.finite("the score", scores);
    Examples.finite("the relevance", relevance);
    Integer[] order = new Integer[items];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (a, b) -> compareDown(scores[a], scores[b]));
    double[] sortedScores = new double[items];
    double[] sorted = new double[items];
    int count = 0;
    for (int i = 0; i < items; i++) {
      sortedScores[i] = scores[order[i]];
      sorted[i] = relevance[order[i]];
      if (sorted[i] < 0) {
        throw Examples.notAProbability("the relevance", order[i], sorted[i]);
      }
      count += sorted[i] > 0 ? 1 : 0;
    }
    return new RankedList(sortedScores, sorted, count);
  }

  /** 0.0 and -0.0 are equal scores. */
  private static int compareDown(double a, double b) {
    return a > b ? -1 : a < b ? 1 : 0;
  }

  /** How many items are relevant. */
  public int relevant() {
    return relevant;
  }

  /**
   * Normalised discounted cumulative gain of the first k: Σ relᵢ / log₂(i + 1) over that of the
   * best order; 0 where nothing is relevant. Järvelin and Kekäläinen 2002, "Cumulated Gain-Based
   * Evaluation of IR Techniques". Items of equal scores share their places' discounts (McSherry and
   * Najork 2008), as in scikit-learn's {@code ndcg_score}.
   */
  public double ndcg(int k) {
    double gain = 0;
    int from = 0;
    while (from < scores.length && from < k) {
      int to = from;
      double sum = 0;
      double discounts = 0;
      while (to < scores.length && scores[to] == scores[from]) {
        sum += relevance[to];
        discounts += discount(to, k);
        to++;
      }
      gain += sum / (to - from) * discounts;
      from = to;
    }
    double[] best = relevance.clone();
    Arrays.sort(best);
    double ideal = 0;
    for (int i = 0; i < best.length; i++) {
      ideal += best[best.length - 1 - i] * discount(i, k);
    }
    return ideal == 0 ? 0 : gain / ideal;
  }

  private static double discount(int place, int k) {
    return place < k ? Math.log(2) / Math.log(place + 2.0) : 0;
  }

  /**
   * The mean precision at the relevant items' thresholds, as scikit-learn's {@code
   * average_precision_score} of one query; its mean over queries is MAP. NaN where nothing is
   * relevant.
   */
  public double averagePrecision() {
    double sum = 0;
    int found = 0;
    int from = 0;
    while (from < scores.length) {
      int to = from;
      int hits = 0;
      while (to < scores.length && scores[to] == scores[from]) {
        hits += relevance[to] > 0 ? 1 : 0;
        to++;
      }
      found += hits;
      sum += hits * ((double) found / to);
      from = to;
    }
    return relevant == 0 ? Double.NaN : sum / relevant;
  }

  /** The share of the relevant items that are among the first k; NaN where there is none. */
  public double recall(int k) {
    return relevant == 0 ? Double.NaN : (double) hits(k) / relevant;
  }

  /** The share of the first k that are relevant; fewer than k items count as k. */
  public double precision(int k) {
    return (double) hits(k) / k;
  }

  /** 1 / place of the first relevant item; NaN where there is none. */
  public double reciprocalRank() {
    for (int i = 0; i < relevance.length; i++) {
      if (relevance[i] > 0) {
        return 1.0 / (i + 1);
      }
    }
    return Double.NaN;
  }

  private int hits(int k) {
    int hits = 0;
    for (int i = 0; i < Math.min(k, relevance.length); i++) {
      hits += relevance[i] > 0 ? 1 : 0;
    }
    return hits;
  }
}
