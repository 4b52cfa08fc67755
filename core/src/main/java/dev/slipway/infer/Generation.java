package dev.slipway.infer;

import java.util.List;

/**
 * An answer.
 *
 * @param text without special tokens and stop string; with the prompt's text where echo was asked
 * @param promptIds what was continued
 * @param ids the tokens that were generated, without the one that ended the text
 * @param logprobs of the prompt's tokens where echo was asked for, and of {@code ids}; empty when
 *     none were asked for
 * @param finishReason why it ended
 */
public record Generation(
    String text,
    List<Integer> promptIds,
    List<Integer> ids,
    List<TokenLogprob> logprobs,
    FinishReason finishReason) {
  /** Why a generation ended. */
  public enum FinishReason {
    /** An end token or a stop string came. */
    STOP("stop"),
    /** As many tokens came as were asked for, or the model's context is full. */
    LENGTH("length"),
    /** The listener or the waiting thread's interruption ended it. */
    CANCELLED("cancelled");

    private final String text;

    FinishReason(String text) {
      this.text = text;
    }

    /** As OpenAI's API spells it. */
    public String text() {
      return text;
    }
  }

  public Generation {
    promptIds = List.copyOf(promptIds);
    ids = List.copyOf(ids);
    logprobs = List.copyOf(logprobs);
  }
}
