package dev.slipway.infer;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.model.ScoreExecution;
import dev.slipway.model.decoder.ScoringConfig;
import dev.slipway.tokenizer.chat.ChatTokenizer;
import dev.slipway.tokenizer.chat.Conversation;
import java.util.List;

/**
 * A reward model with its tokenizer and chat template: tells how well people would like the answer
 * that a conversation ends with. Not for several threads.
 */
public final class RewardModel implements AutoCloseable {
  private final ChatTokenizer chat;
  private final ScoringConfig config;
  private final ScoreExecution execution;
  private final Runnable close;

  /**
   * A conversation's reward.
   *
   * @param reward the higher, the better
   * @param tokens of the conversation
   */
  public record Reward(double reward, int tokens) {}

  /**
   * @param close frees the model
   */
  public RewardModel(
      ChatTokenizer chat, ScoringConfig config, ScoreExecution execution, Runnable close) {
    this.chat = chat;
    this.config = config;
    this.execution = execution;
    this.close = close;
  }

  public ChatTokenizer chat() {
    return chat;
  }

  /** The most tokens of a conversation. */
  public int context() {
    return config.shape().context();
  }

  /**
   * @throws SlipwayException {@code generate.empty-prompt} or {@code generate.prompt-too-long}, and
   *     what the chat template refuses
   */
  public Reward reward(Conversation conversation) {
    int[] ids = chat.encode(conversation).ids();
    int context = context();
    if (ids.length == 0) {
      throw new SlipwayException(
          Exit.USAGE,
          "generate.empty-prompt",
          "the conversation came to no tokens, expected at least one",
          "give a message with some text");
    }
    if (ids.length > context) {
      throw new SlipwayException(
          Exit.USAGE,
          "generate.prompt-too-long",
          "the conversation has " + ids.length + " tokens, expected at most " + context,
          "shorten it to the model's context");
    }
    return new Reward(execution.scores(config.batch(List.of(ids), 0))[0], ids.length);
  }

  @Override
  public void close() {
    execution.close();
    close.run();
  }
}
