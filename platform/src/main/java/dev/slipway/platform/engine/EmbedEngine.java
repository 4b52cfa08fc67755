package dev.slipway.platform.engine;

import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * An encoder as the service needs it. {@link #card} may be called from any thread; {@link #embed}
 * and {@link #close} only from the one that opened it.
 */
public interface EmbedEngine extends QueuedEngine {
  /** What {@code /v1/models} tells: the width of a vector and the most tokens of a text. */
  @Override
  ObjectNode card();

  /** Its tokens, for any thread. */
  Tokens tokens();

  /**
   * @throws dev.slipway.base.SlipwayException for a text that comes to no tokens
   */
  Embedded embed(List<String> texts);

  /**
   * @param vectors of the texts, in their order
   * @param tokens that were read, of all texts together
   */
  record Embedded(List<float[]> vectors, int tokens) {
    public Embedded {
      vectors = List.copyOf(vectors);
    }
  }
}
