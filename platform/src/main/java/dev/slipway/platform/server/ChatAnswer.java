package dev.slipway.platform.server;

import dev.slipway.base.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The answer to a chat completions request, whole or in pieces. */
final class ChatAnswer implements Answer {
  private final String id = AnswerIds.next("chatcmpl-");
  private final long created = Instant.now().getEpochSecond();
  private final ChatRequest request;
  private final String model;
  private final String fingerprint;
  private final int promptTokens;
  private final List<Choice> choices = new ArrayList<>();

  ChatAnswer(ChatRequest request, String model, ModelFacts facts, int promptTokens) {
    this.request = request;
    this.model = model;
    this.fingerprint = "fp_" + facts.tokenizerFingerprint().substring(0, 12);
    this.promptTokens = promptTokens;
    for (int i = 0; i < request.n(); i++) {
      choices.add(new Choice(i));
    }
  }

  @Override
  public void addPrompt(int choice, List<TextEngine.TokenScore> prompt) {
    throw new IllegalStateException("a conversation's own tokens are never scored");
  }

  @Override
  public void add(int choice, TextEngine.Piece piece) {
    Choice one = choices.get(choice);
    one.text.append(piece.text());
    one.said.append(piece.text());
    one.generated += piece.tokens().size();
    if (request.logprobs() != null) {
      one.tokens.addAll(piece.tokens());
    }
  }

  @Override
  public void finish(int choice, FinishReason reason) {
    choices.get(choice).finish = reason;
  }

  @Override
  public boolean hasNews(int choice) {
    Choice one = choices.get(choice);
    return !one.begun || !one.text.isEmpty() || !one.tokens.isEmpty() || one.finish != null;
  }

  @Override
  public boolean isFinished() {
    return choices.stream().allMatch(choice -> choice.finish != null);
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public List<JsonNode> completions() {
    return choices.stream()
        .<JsonNode>map(
            choice ->
                Json.object().put("role", "assistant").put("content", choice.said.toString()))
        .toList();
  }

  @Override
  public ObjectNode whole() {
    ObjectNode answer = frame("chat.completion");
    ArrayNode array = answer.putArray("choices");
    for (Choice choice : choices) {
      ObjectNode one = array.addObject().put("index", choice.index);
      one.putObject("message")
          .put("role", "assistant")
          .put("content", choice.text.toString())
          .putNull("refusal");
      choice.end(one);
    }
    answer.set("usage", usage());
    return answer;
  }

  @Override
  public ObjectNode chunk(int choice) {
    ObjectNode chunk = frame("chat.completion.chunk");
    Choice one = choices.get(choice);
    ObjectNode told = chunk.putArray("choices").addObject().put("index", choice);
    ObjectNode delta = told.putObject("delta");
    if (!one.begun) {
      one.begun = true;
      delta.put("role", "assistant").put("content", one.text.toString());
    } else if (!one.text.isEmpty()) {
      delta.put("content", one.text.toString());
    }
    one.end(told);
    one.text.setLength(0);
    one.tokens.clear();
    if (request.includeUsage()) {
      chunk.putNull("usage");
    }
    return chunk;
  }

  @Override
  public ObjectNode usageChunk() {
    ObjectNode chunk = frame("chat.completion.chunk");
    chunk.putArray("choices");
    chunk.set("usage", usage());
    return chunk;
  }

  private ObjectNode frame(String object) {
    return Json.object()
        .put("id", id)
        .put("object", object)
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

  /** One answer to the conversation. */
  private final class Choice {
    private final int index;
    private final StringBuilder text = new StringBuilder();
    private final StringBuilder said = new StringBuilder();
    private final List<TextEngine.TokenScore> tokens = new ArrayList<>();
    private boolean begun;
    private int generated;
    private @Nullable FinishReason finish;

    Choice(int index) {
      this.index = index;
    }

    private void end(ObjectNode told) {
      if (request.logprobs() == null) {
        told.putNull("logprobs");
      } else {
        ArrayNode content = told.putObject("logprobs").putArray("content");
        for (TextEngine.TokenScore token : tokens) {
          ObjectNode one = scored(content.addObject(), token.text(), token.logprob());
          ArrayNode top = one.putArray("top_logprobs");
          token.top().stream()
              .limit(request.logprobs())
              .forEach(other -> scored(top.addObject(), other.text(), other.logprob()));
        }
      }
      told.put("finish_reason", finish == null ? null : finish.word());
    }
  }

  private static ObjectNode scored(ObjectNode node, String text, double logprob) {
    node.put("token", text).put("logprob", Math.max(CompletionAnswer.LEAST_LOGPROB, logprob));
    ArrayNode bytes = node.putArray("bytes");
    for (byte one : TokenBytes.of(text)) {
      bytes.add(one & 0xff);
    }
    return node;
  }
}
