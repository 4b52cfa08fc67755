package dev.slipway.platform.server;

import dev.slipway.infer.Sampling;
import dev.slipway.platform.engine.Ending;
import dev.slipway.platform.engine.ModelFacts;

/** Refuses, in OpenAI's words, what is asked of a model beyond its context and its vocabulary. */
final class ModelBounds {
  private ModelBounds() {}

  /**
   * A prompt has to leave room for the tokens that are asked for.
   *
   * @param name of the field that the prompt came in
   */
  static void requireFit(ModelFacts facts, String name, int promptTokens, int maxTokens) {
    long together = (long) promptTokens + maxTokens;
    if (together > facts.contextLength()) {
      throw ApiProblem.invalid(
          name,
          "context_length_exceeded",
          "This model's maximum context length is "
              + facts.contextLength()
              + " tokens, but "
              + together
              + " were requested ("
              + promptTokens
              + " in '"
              + name
              + "'; "
              + maxTokens
              + " for the completion); shorten the prompt or lower 'max_tokens'");
    }
  }

  /** Tokens that are biased or end an answer have to be the model's. */
  static void requireTokens(ModelFacts facts, Sampling sampling, Ending ending) {
    requireTokens(facts, "logit_bias", sampling.bias().keySet());
    requireTokens(facts, "stop_token_ids", ending.stopTokenIds());
  }

  private static void requireTokens(ModelFacts facts, String field, Iterable<Integer> ids) {
    for (int id : ids) {
      if (id >= facts.vocabularySize()) {
        throw ApiProblem.invalid(
            field,
            "invalid_value",
            "'"
                + field
                + "' names the token "
                + id
                + ", expected ids below "
                + facts.vocabularySize());
      }
    }
  }
}
