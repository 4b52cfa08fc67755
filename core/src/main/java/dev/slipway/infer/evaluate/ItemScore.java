package dev.slipway.infer.evaluate;

import java.util.List;

/**
 * What one item came to. Fields that its task's kind doesn't have are empty or 0.
 *
 * @param loglikelihoods of each choice, or of the one answer or text
 * @param generated the answer as the model gave it
 * @param expected the right choice or answer
 * @param figures by metric, in the order of {@link Metric}s of the task's kind: 0 or 1 for shares
 * @param weights what the figures are divided by: 1, or a text's words, bytes and tokens
 */
public record ItemScore(
    List<Double> loglikelihoods,
    String generated,
    String expected,
    List<Double> figures,
    List<Double> weights) {
  public ItemScore {
    loglikelihoods = List.copyOf(loglikelihoods);
    figures = List.copyOf(figures);
    weights = List.copyOf(weights);
  }
}
