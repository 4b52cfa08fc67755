package dev.slipway.eval.metric;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * A language model's figures on held-out documents, each a ratio of sums over all documents with
 * its interval by {@link ClusterBootstrap}.
 *
 * @param lossPerToken Σ nats / Σ tokens: the cross-entropy
 * @param perplexity exp(lossPerToken); depends on the tokenizer
 * @param bitsPerByte Σ nats / ln 2 / Σ bytes; compares across tokenizers
 * @param accuracy Σ correct / Σ tokens: how often the next token was the most probable one
 */
public record LanguageModelMetrics(
    Interval lossPerToken,
    Interval perplexity,
    Interval bitsPerByte,
    Interval accuracy,
    long documents,
    long tokens,
    long bytes) {
  public static final double LN2 = Math.log(2);

  public static LanguageModelMetrics of(List<DocumentScore> scores, long seed) {
    double[] nats = column(scores, DocumentScore::nats);
    double[] tokens = column(scores, DocumentScore::tokens);
    double[] correct = column(scores, DocumentScore::correct);
    double[] bytes = column(scores, DocumentScore::bytes);
    long tokenCount = scores.stream().mapToLong(DocumentScore::tokens).sum();
    long byteCount = scores.stream().mapToLong(DocumentScore::bytes).sum();
    if (tokenCount == 0 || byteCount == 0) {
      throw new SlipwayException(
          Exit.INPUT,
          "eval.no-text",
          scores.size() + " held-out documents with " + tokenCount + " tokens came, expected text",
          "give more data or a larger test share in data.split");
    }
    ClusterBootstrap bootstrap = new ClusterBootstrap(seed);
    Interval loss = bootstrap.ratio(nats, tokens);
    return new LanguageModelMetrics(
        loss,
        loss.mapIncreasing(Math::exp),
        bitsPerByte(nats, bytes, seed),
        bootstrap.ratio(correct, tokens),
        scores.size(),
        tokenCount,
        byteCount);
  }

  /** Bits per byte from each document's nats and bytes. */
  public static Interval bitsPerByte(double[] nats, double[] bytes, long seed) {
    return new ClusterBootstrap(seed).ratio(nats, bytes).mapIncreasing(n -> n / LN2);
  }

  private static double[] column(List<DocumentScore> scores, ToDoubleFunction<DocumentScore> of) {
    return scores.stream().mapToDouble(of).toArray();
  }
}
