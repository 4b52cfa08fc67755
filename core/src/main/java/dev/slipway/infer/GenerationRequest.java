package dev.slipway.infer;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.infer.grammar.Constraint;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What to continue, and how.
 *
 * @param prompt a text or ids
 * @param maxTokens how many tokens at most; fewer where the model's context ends
 * @param sampling how tokens are chosen
 * @param stop texts that end the generation and are left out, also where they span tokens
 * @param logprobs how many of the likeliest tokens are told with each token's log-probability; -1
 *     tells none at all
 * @param echo whether the prompt is part of the answer, with its log-probabilities where asked for
 * @param eosIds ids that end the generation; null takes the model's own, an empty list none
 * @param stopIds further ids that end it
 * @param minTokens how many tokens come before an id or a text may end it, unless a constraint
 *     leaves nothing else
 * @param constraint what the answer has to look like; null for any text
 */
public record GenerationRequest(
    Prompt prompt,
    int maxTokens,
    Sampling sampling,
    List<String> stop,
    int logprobs,
    boolean echo,
    @Nullable List<Integer> eosIds,
    List<Integer> stopIds,
    int minTokens,
    @Nullable Constraint constraint) {

  /** What is continued. */
  public sealed interface Prompt {
    /** A text, which the tokenizer encodes with its special tokens. */
    record Text(String text) implements Prompt {}

    /** Ids, taken as they are. */
    record Ids(List<Integer> ids) implements Prompt {
      public Ids {
        ids = List.copyOf(ids);
      }
    }
  }

  /** Most log-probabilities a token. */
  public static final int MOST_LOGPROBS = 100;

  public GenerationRequest {
    stop = List.copyOf(stop);
    eosIds = eosIds == null ? null : List.copyOf(eosIds);
    stopIds = List.copyOf(stopIds);
    check(maxTokens >= 0, "max-tokens is " + maxTokens + ", expected 0 or more");
    check(
        minTokens >= 0 && minTokens <= maxTokens,
        "min-tokens is " + minTokens + ", expected 0 to max-tokens, which is " + maxTokens);
    check(
        logprobs >= -1 && logprobs <= MOST_LOGPROBS,
        "logprobs is " + logprobs + ", expected -1 (none) to " + MOST_LOGPROBS);
    check(stop.stream().noneMatch(String::isEmpty), "a stop string is empty");
  }

  private static void check(boolean holds, String sentence) {
    if (!holds) {
      throw new SlipwayException(
          Exit.USAGE, "generate.bad-request", sentence, "change it in the request");
    }
  }

  /** Continues a text greedily. */
  public static GenerationRequest of(String text, int maxTokens) {
    return of(new Prompt.Text(text), maxTokens, Sampling.GREEDY);
  }

  public static GenerationRequest of(Prompt prompt, int maxTokens, Sampling sampling) {
    return new GenerationRequest(
        prompt, maxTokens, sampling, List.of(), -1, false, null, List.of(), 0, null);
  }

  public GenerationRequest withSampling(Sampling value) {
    return new GenerationRequest(
        prompt, maxTokens, value, stop, logprobs, echo, eosIds, stopIds, minTokens, constraint);
  }

  public GenerationRequest withStop(List<String> value) {
    return new GenerationRequest(
        prompt, maxTokens, sampling, value, logprobs, echo, eosIds, stopIds, minTokens, constraint);
  }

  public GenerationRequest withLogprobs(int value) {
    return new GenerationRequest(
        prompt, maxTokens, sampling, stop, value, echo, eosIds, stopIds, minTokens, constraint);
  }

  public GenerationRequest withEcho(boolean value) {
    return new GenerationRequest(
        prompt, maxTokens, sampling, stop, logprobs, value, eosIds, stopIds, minTokens, constraint);
  }

  public GenerationRequest withEosIds(List<Integer> value) {
    return new GenerationRequest(
        prompt, maxTokens, sampling, stop, logprobs, echo, value, stopIds, minTokens, constraint);
  }

  public GenerationRequest withStopIds(List<Integer> value) {
    return new GenerationRequest(
        prompt, maxTokens, sampling, stop, logprobs, echo, eosIds, value, minTokens, constraint);
  }

  public GenerationRequest withMinTokens(int value) {
    return new GenerationRequest(
        prompt, maxTokens, sampling, stop, logprobs, echo, eosIds, stopIds, value, constraint);
  }
}
