package dev.slipway.platform.engine;

import dev.slipway.infer.Sampling;
import dev.slipway.infer.grammar.Constraint;
import org.jspecify.annotations.Nullable;

/**
 * One continuation of one prompt.
 *
 * @param prompt token ids, at least one
 * @param maxTokens most tokens to add; 0 only scores the prompt
 * @param sampling how tokens are chosen; the same seed gives the same continuation
 * @param ending what ends it before the limit
 * @param logprobs how many alternatives to tell for each token; -1 for no scores at all
 * @param scorePrompt whether to score the prompt's tokens too
 * @param constraint what the continuation has to look like; null for any text
 */
public record Continuation(
    int[] prompt,
    int maxTokens,
    Sampling sampling,
    Ending ending,
    int logprobs,
    boolean scorePrompt,
    @Nullable Constraint constraint) {}
