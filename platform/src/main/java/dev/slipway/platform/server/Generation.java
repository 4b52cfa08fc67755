package dev.slipway.platform.server;

import dev.slipway.infer.grammar.Constraint;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One continuation of one prompt.
 *
 * @param prompt token ids, at least one
 * @param maxTokens most tokens to add; 0 only scores the prompt
 * @param temperature 0 takes the likeliest token each time
 * @param topP keep the likeliest tokens that together have this probability; 1 keeps all
 * @param topK keep so many of the likeliest tokens; 0 keeps all
 * @param minP drop tokens less likely than this share of the likeliest; 0 keeps all
 * @param repetitionPenalty divides the scores of tokens seen before (Keskar et al. 2019, section
 *     4.1); 1 leaves them
 * @param seed the same seed gives the same continuation
 * @param stop texts that end the continuation and are left out of it
 * @param logprobs how many alternatives to tell for each token; -1 for no scores at all
 * @param scorePrompt whether to score the prompt's tokens too
 * @param constraint what the continuation has to look like; null for any text
 */
public record Generation(
    int[] prompt,
    int maxTokens,
    double temperature,
    double topP,
    int topK,
    double minP,
    double repetitionPenalty,
    long seed,
    List<String> stop,
    int logprobs,
    boolean scorePrompt,
    @Nullable Constraint constraint) {
  public Generation {
    stop = List.copyOf(stop);
  }
}
