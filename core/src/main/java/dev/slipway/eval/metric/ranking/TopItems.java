package dev.slipway.eval.metric.ranking;

import java.util.List;
import java.util.Set;

/**
 * What somebody was recommended, best first, beside all that was relevant to them: figures that
 * need no more of a ranking than its top.
 *
 * @param hits whether each recommended item is relevant
 * @param relevant how many items are, recommended or not; at least one
 */
public record TopItems(boolean[] hits, int relevant) {
  public TopItems {
    int found = 0;
    for (boolean hit : hits) {
      found += hit ? 1 : 0;
    }
    if (relevant < 1 || found > relevant) {
      throw new IllegalArgumentException(found + " hits of " + relevant + " relevant items");
    }
  }

  /** Of names; none comes twice. */
  public static TopItems of(Set<String> relevant, List<String> recommended) {
    boolean[] hits = new boolean[recommended.size()];
    for (int i = 0; i < hits.length; i++) {
      hits[i] = relevant.contains(recommended.get(i));
    }
    return new TopItems(hits, relevant.size());
  }

  /**
   * Σ over hits among the first k of 1 / log₂(place + 1), over the most that it could be: Järvelin
   * and Kekäläinen 2002, with gains of 0 and 1.
   */
  public double ndcg(int k) {
    double gain = 0;
    double most = 0;
    for (int place = 0; place < k; place++) {
      double discount = Math.log(2) / Math.log(place + 2.0);
      gain += isHit(place) ? discount : 0;
      most += place < relevant ? discount : 0;
    }
    return gain / most;
  }

  /**
   * Σ over hits among the first k of the precision down to there, over min(k, relevant); its mean
   * over users is MAP@k, as in Kaggle's Million Song Dataset Challenge (McFee et al. 2012).
   */
  public double averagePrecision(int k) {
    double sum = 0;
    int found = 0;
    for (int place = 0; place < k; place++) {
      if (isHit(place)) {
        found++;
        sum += (double) found / (place + 1);
      }
    }
    return sum / Math.min(k, relevant);
  }

  /** The share of the relevant items that are among the first k. */
  public double recall(int k) {
    return (double) count(k) / relevant;
  }

  /** The share of the first k that are relevant; fewer than k items count as k. */
  public double precision(int k) {
    return (double) count(k) / k;
  }

  /** Whether anything relevant is among the first k. */
  public boolean isHitWithin(int k) {
    return count(k) > 0;
  }

  /** 1 / place of the first hit among the first k; 0 where there is none. */
  public double reciprocalRank(int k) {
    for (int place = 0; place < k; place++) {
      if (isHit(place)) {
        return 1.0 / (place + 1);
      }
    }
    return 0;
  }

  private boolean isHit(int place) {
    return place < hits.length && hits[place];
  }

  private int count(int k) {
    int count = 0;
    for (int place = 0; place < k; place++) {
      count += isHit(place) ? 1 : 0;
    }
    return count;
  }
}
