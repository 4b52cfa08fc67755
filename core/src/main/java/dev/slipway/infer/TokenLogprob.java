package dev.slipway.infer;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * A token's natural log-probability under the model itself: before temperature, filters and
 * penalty.
 *
 * @param id the token
 * @param logprob null for a first token, which nothing precedes
 * @param top the likeliest tokens in its place, likeliest first, of equals the lowest id first
 */
public record TokenLogprob(int id, @Nullable Double logprob, List<Candidate> top) {
  /** One of the likeliest tokens. */
  public record Candidate(int id, double logprob) {}

  public TokenLogprob {
    top = List.copyOf(top);
  }

  /**
   * @param vocabulary ids from it on are no candidates, though the model gives them a share
   */
  static TokenLogprob of(int id, float[] logits, int vocabulary, int topCount) {
    double largest = Double.NEGATIVE_INFINITY;
    for (float logit : logits) {
      largest = Math.max(largest, logit);
    }
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - largest);
    }
    double normaliser = largest + Math.log(sum);
    return new TokenLogprob(
        id,
        logits[id] - normaliser,
        top(logits, Math.min(vocabulary, logits.length), normaliser, topCount));
  }

  private static List<Candidate> top(float[] logits, int size, double normaliser, int count) {
    Comparator<Candidate> worstFirst =
        Comparator.comparingDouble(Candidate::logprob)
            .thenComparing(Comparator.comparingInt(Candidate::id).reversed());
    PriorityQueue<Candidate> best = new PriorityQueue<>(Math.max(1, count), worstFirst);
    for (int i = 0; i < size && count > 0; i++) {
      Candidate worst = best.size() < count ? null : best.peek();
      if (worst == null || logits[i] - normaliser > worst.logprob()) {
        if (worst != null) {
          best.remove();
        }
        best.add(new Candidate(i, logits[i] - normaliser));
      }
    }
    List<Candidate> sorted = new ArrayList<>(best);
    sorted.sort(worstFirst.reversed());
    return sorted;
  }
}
