package dev.slipway.platform.server;

import dev.slipway.infer.Sampling;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the service says about its model.
 *
 * @param version of its files, hexadecimal: another where any weight, setting or text is another
 * @param created when the model was made
 * @param contextLength most tokens of prompt and continuation together
 * @param vocabularySize token ids are below it
 * @param tokenizerFingerprint SHA-256 of the tokenizer, hexadecimal
 * @param textFingerprint of tokenizer, special tokens and chat template together, hexadecimal
 * @param parameters how many the model has
 * @param bitsPerByte on held-out text; null when not known
 */
public record ModelFacts(
    String version,
    Instant created,
    int contextLength,
    int vocabularySize,
    String tokenizerFingerprint,
    String textFingerprint,
    long parameters,
    @Nullable Double bitsPerByte) {
  /** Refuses a prompt that leaves no room for the tokens that are asked for. */
  void requireFit(String name, int promptTokens, int maxTokens) {
    if ((long) promptTokens + maxTokens > contextLength) {
      throw ApiProblem.invalid(
          name,
          "context_length_exceeded",
          "This model's maximum context length is "
              + contextLength
              + " tokens, but "
              + ((long) promptTokens + maxTokens)
              + " were requested ("
              + promptTokens
              + " in '"
              + name
              + "'; "
              + maxTokens
              + " for the completion); shorten the prompt or lower 'max_tokens'");
    }
  }

  /** Refuses an end by a token that the model does not have. */
  void requireTokens(Ending ending) {
    for (int id : ending.stopTokenIds()) {
      if (id >= vocabularySize) {
        throw ApiProblem.invalid(
            "stop_token_ids",
            "invalid_value",
            "'stop_token_ids' names the token " + id + ", expected ids below " + vocabularySize);
      }
    }
  }

  /** Refuses a bias of a token that the model does not have. */
  void requireTokens(Sampling sampling) {
    for (int id : sampling.bias().keySet()) {
      if (id >= vocabularySize) {
        throw ApiProblem.invalid(
            "logit_bias",
            "invalid_value",
            "'logit_bias' names the token " + id + ", expected ids below " + vocabularySize);
      }
    }
  }
}
