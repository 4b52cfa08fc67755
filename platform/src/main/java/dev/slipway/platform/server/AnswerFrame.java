package dev.slipway.platform.server;

import dev.slipway.base.Json;
import dev.slipway.platform.engine.ModelFacts;
import java.time.Instant;
import tools.jackson.databind.node.ObjectNode;

/**
 * What an answer and each of its pieces say beside their choices, in both of OpenAI's interfaces.
 *
 * @param created in seconds since 1970
 * @param model by the name that the request knows
 * @param fingerprint another where the model's files are others
 * @param promptTokens of all prompts, each counted once
 */
record AnswerFrame(String id, long created, String model, String fingerprint, int promptTokens) {
  /**
   * @param prefix of the id
   */
  static AnswerFrame of(String prefix, String model, ModelFacts facts, int promptTokens) {
    return new AnswerFrame(
        AnswerIds.next(prefix),
        Instant.now().getEpochSecond(),
        model,
        "fp_" + facts.version(),
        promptTokens);
  }

  /** The beginning of an answer, or of a piece of one. */
  ObjectNode begin(String object) {
    return Json.object()
        .put("id", id)
        .put("object", object)
        .put("created", created)
        .put("model", model)
        .put("system_fingerprint", fingerprint);
  }

  ObjectNode usage(int completionTokens) {
    return Json.object()
        .put("prompt_tokens", promptTokens)
        .put("completion_tokens", completionTokens)
        .put("total_tokens", promptTokens + completionTokens);
  }

  /** The last piece of a stream that shall tell its usage. */
  ObjectNode usageChunk(String object, int completionTokens) {
    ObjectNode chunk = begin(object);
    chunk.putArray("choices");
    chunk.set("usage", usage(completionTokens));
    return chunk;
  }
}
