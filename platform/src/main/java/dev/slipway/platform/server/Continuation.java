package dev.slipway.platform.server;

import dev.slipway.infer.Sampling;
import dev.slipway.infer.grammar.Constraint;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One continuation of one prompt.
 *
 * @param prompt token ids, at least one
 * @param maxTokens most tokens to add; 0 only scores the prompt
 * @param sampling how tokens are chosen; the same seed gives the same continuation
 * @param stop texts that end the continuation and are left out of it
 * @param logprobs how many alternatives to tell for each token; -1 for no scores at all
 * @param scorePrompt whether to score the prompt's tokens too
 * @param ignoreEos whether it goes on where the model would end it
 * @param constraint what the continuation has to look like; null for any text
 */
public record Continuation(
    int[] prompt,
    int maxTokens,
    Sampling sampling,
    List<String> stop,
    int logprobs,
    boolean scorePrompt,
    boolean ignoreEos,
    @Nullable Constraint constraint) {
  public Continuation {
    stop = List.copyOf(stop);
  }
}
