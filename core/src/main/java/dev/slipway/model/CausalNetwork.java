package dev.slipway.model;

import dev.slipway.nn.Segment;
import dev.slipway.tensor.Tensor;
import dev.slipway.tokenizer.TokenBatch;
import java.util.List;

/** A network that gives at each position logits of the token that follows. */
public interface CausalNetwork {
  /** V. */
  int vocabularySize();

  /** C. */
  int hiddenSize();

  /**
   * The network but for its head, in order: ids (B, T) in, hidden states (B, T, C) out. What a
   * batch has in common for all of them is the scope's in which this is called.
   */
  List<Segment> segments(TokenBatch batch);

  /** Logits in float32, (…, V), of hidden states (…, C). */
  Tensor logits(Tensor hidden);

  /** What the head gives as it is, (…, out) in float32: a score where that is one number. */
  default Tensor scores(Tensor hidden) {
    return logits(hidden);
  }
}
