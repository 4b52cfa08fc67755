package dev.slipway.platform.server;

import dev.slipway.infer.Sampling;
import dev.slipway.infer.grammar.AnswerFormat;
import dev.slipway.platform.engine.Ending;
import dev.slipway.tokenizer.chat.Conversation;
import org.jspecify.annotations.Nullable;

/**
 * The body of {@code POST /v1/chat/completions}, checked field by field but not yet against the
 * model. Names and defaults are OpenAI's; {@code top_k}, {@code min_p}, {@code repetition_penalty},
 * {@code stop_token_ids}, {@code min_tokens}, {@code ignore_eos} and {@code chat_template_kwargs}
 * are vLLM's.
 *
 * @param model as the request names it; null takes the one that is served, as vLLM does
 * @param user whom a client asks for, as it calls them; null where it does not say
 * @param conversation ends where the assistant's answer begins
 * @param maxTokens null goes on to the end of the model's context
 * @param sampling how tokens are chosen, but for the seed
 * @param ending what ends an answer before its limit
 * @param seed null lets the service draw one
 * @param logprobs how many alternatives a token; null for no scores
 * @param includeUsage whether a stream ends with the usage
 * @param format what the answer has to look like
 * @param tools that it may, or has to, call
 */
record ChatRequest(
    @Nullable String model,
    @Nullable String user,
    Conversation conversation,
    @Nullable Integer maxTokens,
    Sampling sampling,
    int n,
    boolean stream,
    boolean includeUsage,
    @Nullable Integer logprobs,
    Ending ending,
    @Nullable Long seed,
    AnswerFormat format,
    ToolUse tools) {}
