package dev.slipway.infer.evaluate;

import java.util.Optional;

/**
 * How a model is asked, whatever the task.
 *
 * @param chat whether prompts go through the model's chat template
 * @param system what stands before everything, as the system's message in a conversation
 * @param turns whether solved examples are turns of the conversation, else part of one message
 */
public record Asking(boolean chat, Optional<String> system, boolean turns) {
  /** Plain text. */
  public static final Asking PLAIN = new Asking(false, Optional.empty(), false);
}
