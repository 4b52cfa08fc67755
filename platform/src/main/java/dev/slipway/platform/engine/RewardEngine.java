package dev.slipway.platform.engine;

import dev.slipway.tokenizer.chat.Conversation;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * A reward model as the service needs it. {@link #card} may be called from any thread; {@link
 * #rewards} and {@link #close} only from the one that opened it.
 */
public interface RewardEngine extends QueuedEngine {
  /** What {@code /v1/models} tells, such as the most tokens of a conversation. */
  @Override
  ObjectNode card();

  /**
   * @throws dev.slipway.base.SlipwayException for a conversation that is too long, comes to no
   *     tokens or is refused by the chat template
   */
  Rewards rewards(List<Conversation> conversations);

  /**
   * @param rewards of the answers that the conversations end with, in their order
   * @param tokens that were read, of all conversations together
   */
  record Rewards(List<Double> rewards, int tokens) {
    public Rewards {
      rewards = List.copyOf(rewards);
    }
  }
}
