package dev.slipway.platform.engine;

import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * A cross-encoder as the service needs it. {@link #card} may be called from any thread; {@link
 * #scores} and {@link #close} only from the one that opened it.
 */
public interface RerankEngine extends QueuedEngine {
  /** What {@code /v1/models} tells: the most tokens of a pair. */
  @Override
  ObjectNode card();

  /** Its tokens, for any thread. */
  Tokens tokens();

  /**
   * @param first as many as {@code second}, or one that goes with each of those
   */
  Scored scores(List<String> first, List<String> second);

  /**
   * @param scores of the pairs, in their order; the higher, the better both texts go together
   * @param tokens that were read, of all pairs together
   */
  record Scored(List<Double> scores, int tokens) {
    public Scored {
      scores = List.copyOf(scores);
    }
  }
}
