package dev.slipway.platform.server;

import dev.slipway.base.Json;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The answer to a completions request as OpenAI shapes it, whole or in pieces. Not for several
 * threads.
 */
final class CompletionAnswer {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final char[] ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz".toCharArray();

  /** JSON has no infinity; vLLM's stand-in for the logarithm of nothing. */
  private static final double LEAST_LOGPROB = -9999.0;

  private final String id = newId();
  private final long created = Instant.now().getEpochSecond();
  private final CompletionRequest request;
  private final String model;
  private final String fingerprint;
  private final List<Choice> choices = new ArrayList<>();
  private final int promptTokens;

  /**
   * @param echoes each choice's prompt as text, or an empty text when it is not to be repeated
   * @param promptTokens of all prompts, each counted once
   */
  CompletionAnswer(
      CompletionRequest request,
      String model,
      ModelFacts facts,
      List<String> echoes,
      int promptTokens) {
    this.request = request;
    this.model = model;
    this.fingerprint = "fp_" + facts.tokenizerFingerprint().substring(0, 12);
    this.promptTokens = promptTokens;
    for (String echo : echoes) {
      choices.add(new Choice(choices.size(), echo));
    }
  }

  Choice choice(int index) {
    return choices.get(index);
  }

  boolean isFinished() {
    return choices.stream().allMatch(choice -> choice.finish != null);
  }

  /** The whole answer, once all choices are finished. */
  ObjectNode whole() {
    ObjectNode answer = frame();
    ArrayNode array = answer.putArray("choices");
    for (Choice choice : choices) {
      array.add(choice.take());
    }
    answer.set("usage", usage());
    return answer;
  }

  /** A piece of a stream: what came to this choice since its last piece. */
  ObjectNode chunk(Choice choice) {
    ObjectNode chunk = frame();
    chunk.putArray("choices").add(choice.take());
    if (request.includeUsage()) {
      chunk.putNull("usage");
    }
    return chunk;
  }

  /** The last piece of a stream that shall tell its usage. */
  ObjectNode usageChunk() {
    ObjectNode chunk = frame();
    chunk.putArray("choices");
    chunk.set("usage", usage());
    return chunk;
  }

  private ObjectNode frame() {
    return Json.object()
        .put("id", id)
        .put("object", "text_completion")
        .put("created", created)
        .put("model", model)
        .put("system_fingerprint", fingerprint);
  }

  private ObjectNode usage() {
    int completionTokens = choices.stream().mapToInt(choice -> choice.generated).sum();
    return Json.object()
        .put("prompt_tokens", promptTokens)
        .put("completion_tokens", completionTokens)
        .put("total_tokens", promptTokens + completionTokens);
  }

  private static String newId() {
    StringBuilder id = new StringBuilder("cmpl-");
    for (int i = 0; i < 24; i++) {
      id.append(ALPHABET[RANDOM.nextInt(ALPHABET.length)]);
    }
    return id.toString();
  }

  /** One continuation of one prompt. */
  final class Choice {
    private final int index;
    private final StringBuilder text = new StringBuilder();
    private final List<TextEngine.TokenScore> tokens = new ArrayList<>();
    private int offset;
    private int generated;
    private @Nullable FinishReason finish;

    private Choice(int index, String echo) {
      this.index = index;
      text.append(echo);
    }

    void addPrompt(List<TextEngine.TokenScore> prompt) {
      tokens.addAll(prompt);
    }

    void add(TextEngine.Piece piece) {
      text.append(piece.text());
      generated += piece.tokens().size();
      if (request.logprobs() != null) {
        tokens.addAll(piece.tokens());
      }
    }

    void finish(FinishReason reason) {
      finish = reason;
    }

    /** Whether a stream has something to tell. */
    boolean hasNews() {
      return !text.isEmpty() || !tokens.isEmpty() || finish != null;
    }

    private ObjectNode take() {
      ObjectNode choice = Json.object().put("index", index).put("text", text.toString());
      choice.set("logprobs", request.logprobs() == null ? null : logprobs());
      choice.put("finish_reason", finish == null ? null : finish.word());
      text.setLength(0);
      tokens.clear();
      return choice;
    }

    private ObjectNode logprobs() {
      ObjectNode logprobs = Json.object();
      ArrayNode texts = logprobs.putArray("tokens");
      ArrayNode values = logprobs.putArray("token_logprobs");
      ArrayNode tops = logprobs.putArray("top_logprobs");
      ArrayNode offsets = logprobs.putArray("text_offset");
      for (TextEngine.TokenScore token : tokens) {
        texts.add(token.text());
        offsets.add(offset);
        offset += token.text().startsWith("bytes:") ? 0 : token.text().length();
        if (Double.isNaN(token.logprob())) {
          values.addNull();
          tops.addNull();
          continue;
        }
        values.add(bounded(token.logprob()));
        ObjectNode top = tops.addObject();
        for (TextEngine.Alternative other : token.top()) {
          if (!top.has(other.text())) {
            top.put(other.text(), bounded(other.logprob()));
          }
        }
        if (!top.has(token.text())) {
          top.put(token.text(), bounded(token.logprob()));
        }
      }
      return logprobs;
    }

    private double bounded(double logprob) {
      return Math.max(LEAST_LOGPROB, logprob);
    }
  }
}
