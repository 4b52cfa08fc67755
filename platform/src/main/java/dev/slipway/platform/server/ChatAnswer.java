package dev.slipway.platform.server;

import dev.slipway.base.Json;
import dev.slipway.platform.engine.FinishReason;
import dev.slipway.platform.engine.TextEngine;
import dev.slipway.platform.engine.TextProcessor;
import dev.slipway.platform.engine.TokenBytes;
import dev.slipway.platform.toolcall.ToolConvention;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The answer to a chat completions request, whole or in pieces. */
final class ChatAnswer implements GrowingAnswer {
  private static final String CHUNK = "chat.completion.chunk";

  private final ChatRequest request;
  private final AnswerFrame frame;
  private final List<Choice> choices = new ArrayList<>();

  /**
   * @param convention how the model calls tools; null where it has none to call
   */
  ChatAnswer(
      ChatRequest request,
      String model,
      TextProcessor engine,
      @Nullable ToolConvention convention,
      int promptTokens) {
    this.request = request;
    this.frame = AnswerFrame.of("chatcmpl-", model, engine.facts(), promptTokens);
    int marker = -1;
    if (convention != null && !convention.begin().isEmpty()) {
      int[] ids = engine.tokens().encode(convention.begin(), false);
      marker = ids.length == 1 ? ids[0] : -1;
    }
    for (int i = 0; i < request.n(); i++) {
      choices.add(new Choice(i, convention, marker));
    }
  }

  @Override
  public void addPrompt(int choice, List<TextEngine.TokenScore> prompt) {
    throw new IllegalStateException("a conversation's own tokens are never scored");
  }

  @Override
  public void add(int choice, TextEngine.Piece piece) {
    Choice one = choices.get(choice);
    if (one.calls == null) {
      one.text.append(piece.text());
      one.said.append(piece.text());
    } else {
      one.calls.feed(piece);
    }
    one.generated += piece.tokens().size();
    if (request.logprobs() != null) {
      one.tokens.addAll(piece.tokens());
    }
  }

  @Override
  public void finish(int choice, FinishReason reason) {
    Choice one = choices.get(choice);
    one.finish = reason;
    if (one.calls != null) {
      one.calls.end();
    }
  }

  @Override
  public boolean hasNews(int choice) {
    Choice one = choices.get(choice);
    return !one.begun
        || !one.text.isEmpty()
        || !one.tokens.isEmpty()
        || one.finish != null
        || (one.calls != null && one.calls.hasNews());
  }

  @Override
  public boolean isFinished() {
    for (Choice choice : choices) { // asked after each token
      if (choice.finish == null) {
        return false;
      }
    }
    return true;
  }

  @Override
  public String id() {
    return frame.id();
  }

  @Override
  public List<JsonNode> completions() {
    return choices.stream().<JsonNode>map(Choice::said).toList();
  }

  @Override
  public ObjectNode whole() {
    ObjectNode answer = frame.begin("chat.completion");
    ArrayNode array = answer.putArray("choices");
    for (Choice choice : choices) {
      ObjectNode one = array.addObject().put("index", choice.index);
      ObjectNode message =
          one.putObject("message")
              .put("role", "assistant")
              .put("content", choice.content())
              .putNull("refusal");
      if (choice.calls != null && choice.calls.any()) {
        message.set("tool_calls", choice.calls.whole());
      }
      choice.end(one);
    }
    answer.set("usage", frame.usage(generated()));
    return answer;
  }

  @Override
  public ObjectNode chunk(int choice) {
    ObjectNode chunk = frame.begin(CHUNK);
    Choice one = choices.get(choice);
    ObjectNode told = chunk.putArray("choices").addObject().put("index", choice);
    ObjectNode delta = told.putObject("delta");
    if (!one.begun) {
      one.begun = true;
      delta.put("role", "assistant").put("content", one.text.toString());
    } else if (!one.text.isEmpty()) {
      delta.put("content", one.text.toString());
    }
    if (one.calls != null && one.calls.hasNews()) {
      delta.set("tool_calls", one.calls.takeNews());
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
  public byte[] event(int choice) {
    Choice one = choices.get(choice);
    if (!one.begun
        || one.text.isEmpty()
        || request.logprobs() != null
        || one.finish != null
        || (one.calls != null && one.calls.hasNews())) {
      return ChunkLine.event(Json.line(chunk(choice)));
    }
    return one.events.of(one.text, () -> chunk(choice));
  }

  @Override
  public ObjectNode usageChunk() {
    return frame.usageChunk(CHUNK, generated());
  }

  private int generated() {
    return choices.stream().mapToInt(choice -> choice.generated).sum();
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
    private final TextEvents events = new TextEvents();
    private final @Nullable ToolCalls calls;

    Choice(int index, @Nullable ToolConvention convention, int marker) {
      this.index = index;
      calls =
          convention == null
              ? null
              : new ToolCalls(request.tools(), convention, marker, text, said);
    }

    boolean called() {
      return calls != null && calls.any();
    }

    /** The text of a message; null where it only calls. */
    @Nullable String content() {
      return called() && said.isEmpty() ? null : said.toString();
    }

    /** The message as a template is given it. */
    ObjectNode said() {
      ObjectNode message = Json.object().put("role", "assistant").put("content", content());
      if (calls != null && calls.any()) {
        message.set("tool_calls", calls.parsed());
      }
      return message;
    }

    private @Nullable String reason() {
      if (finish == FinishReason.STOP
          && called()
          && !(request.tools().choice() instanceof ToolUse.Choice.Named)) {
        return "tool_calls";
      }
      return finish == null ? null : finish.word();
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
      told.put("finish_reason", reason());
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
