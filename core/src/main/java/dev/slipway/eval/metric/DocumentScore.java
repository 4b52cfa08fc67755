package dev.slipway.eval.metric;

/**
 * What a language model did on one held-out document, summed over its positions.
 *
 * @param id of the record
 * @param nats Σ −ln p(target), the summed loss
 * @param tokens number of targets
 * @param correct how many targets were the most probable token
 * @param bytes of the document's text in UTF-8
 */
public record DocumentScore(String id, double nats, long tokens, long correct, long bytes) {
  public DocumentScore {
    if (!(nats >= 0) || Double.isInfinite(nats)) {
      throw new IllegalArgumentException(
          "the loss of " + id + " is " + nats + ", expected a finite number from 0 up");
    }
    if (tokens < 0 || correct < 0 || correct > tokens || bytes < 0) {
      throw new IllegalArgumentException(
          id + " came with " + correct + " correct of " + tokens + " tokens, " + bytes + " bytes");
    }
  }
}
