package dev.slipway.infer;

import java.util.List;

/**
 * How likely a text is to a model.
 *
 * @param ids tokens of the text, special ones included
 * @param logprobs natural log-probabilities of all ids but the first, which nothing precedes
 * @param bytes UTF-8 bytes of the text
 */
public record Score(List<Integer> ids, List<Double> logprobs, long bytes) {
  public Score {
    ids = List.copyOf(ids);
    logprobs = List.copyOf(logprobs);
  }

  /** Negative log-likelihood of all tokens, in nats. */
  public double nll() {
    double sum = 0;
    for (double logprob : logprobs) {
      sum -= logprob;
    }
    return sum;
  }

  /** {@code nll / tokens}; NaN when no token was scored. */
  public double nllPerToken() {
    return nll() / logprobs.size();
  }

  /** {@code exp(nll / tokens)}. */
  public double perplexity() {
    return Math.exp(nllPerToken());
  }

  /** {@code nll / (ln 2 * bytes)}: comparable across tokenizers. */
  public double bitsPerByte() {
    return nll() / (Math.log(2) * bytes);
  }
}
