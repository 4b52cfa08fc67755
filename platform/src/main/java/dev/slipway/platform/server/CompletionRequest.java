package dev.slipway.platform.server;

import dev.slipway.infer.Sampling;
import dev.slipway.infer.grammar.AnswerFormat;
import dev.slipway.platform.engine.Ending;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The body of {@code POST /v1/completions}, checked field by field but not yet against the model.
 * Names and defaults are OpenAI's; {@code top_k}, {@code min_p}, {@code repetition_penalty}, {@code
 * stop_token_ids}, {@code min_tokens} and {@code ignore_eos} are vLLM's.
 *
 * @param model as the request names it; null takes the one that is served, as vLLM does
 * @param user whom a client asks for, as it calls them; null where it does not say
 * @param prompts one or more
 * @param maxTokens 0 to the context's length
 * @param sampling how tokens are chosen, but for the seed
 * @param ending what ends an answer before its limit
 * @param seed null lets the service draw one
 * @param logprobs how many alternatives a token; null for no scores
 * @param includeUsage whether a stream ends with the usage
 * @param format what the answer has to look like
 */
record CompletionRequest(
    @Nullable String model,
    @Nullable String user,
    List<Prompt> prompts,
    int maxTokens,
    Sampling sampling,
    int n,
    boolean stream,
    boolean includeUsage,
    boolean echo,
    @Nullable Integer logprobs,
    Ending ending,
    @Nullable Long seed,
    AnswerFormat format) {

  /** What is to be continued. */
  sealed interface Prompt {
    record Text(String text) implements Prompt {}

    record Ids(int[] ids) implements Prompt {}
  }
}
