package dev.slipway.platform.server;

import dev.slipway.base.Json;
import dev.slipway.platform.engine.FinishReason;
import dev.slipway.platform.engine.ModelFacts;
import dev.slipway.platform.engine.TextEngine;
import dev.slipway.platform.engine.TokenBytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The answer to a completions request as OpenAI shapes it, whole or in pieces. Not for several
 * threads.
 */
final class CompletionAnswer implements GrowingAnswer {
  /** JSON has no infinity; vLLM's stand-in for the logarithm of nothing. */
  static final double LEAST_LOGPROB = -9999.0;

  private static final String OBJECT = "text_completion";

  /**
   * A choice's prompt in the answer.
   *
   * @param text empty where it is not to be repeated
   * @param leadingSpecials tokens that lead it and were not the request's
   * @param verbatim whether special tokens are spelled out in the text, as the request had them
   */
  record Echo(String text, int leadingSpecials, boolean verbatim) {}

  private final CompletionRequest request;
  private final AnswerFrame frame;
  private final List<Choice> choices = new ArrayList<>();

  /**
   * @param echoes of each choice
   * @param promptTokens of all prompts, each counted once
   */
  CompletionAnswer(
      CompletionRequest request,
      String model,
      ModelFacts facts,
      List<Echo> echoes,
      int promptTokens) {
    this.request = request;
    this.frame = AnswerFrame.of("cmpl-", model, facts, promptTokens);
    for (Echo echo : echoes) {
      choices.add(new Choice(choices.size(), echo));
    }
  }

  @Override
  public void addPrompt(int choice, List<TextEngine.TokenScore> prompt) {
    choices.get(choice).addPrompt(prompt);
  }

  @Override
  public void add(int choice, TextEngine.Piece piece) {
    choices.get(choice).add(piece);
  }

  @Override
  public void finish(int choice, FinishReason reason) {
    choices.get(choice).finish = reason;
  }

  @Override
  public boolean hasNews(int choice) {
    return choices.get(choice).hasNews();
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
    return choices.stream().map(choice -> Json.tree(choice.said.toString())).toList();
  }

  @Override
  public ObjectNode whole() {
    ObjectNode answer = frame.begin(OBJECT);
    ArrayNode array = answer.putArray("choices");
    for (Choice choice : choices) {
      array.add(choice.take());
    }
    answer.set("usage", frame.usage(generated()));
    return answer;
  }

  @Override
  public ObjectNode chunk(int choice) {
    ObjectNode chunk = frame.begin(OBJECT);
    chunk.putArray("choices").add(choices.get(choice).take());
    if (request.includeUsage()) {
      chunk.putNull("usage");
    }
    return chunk;
  }

  @Override
  public byte[] event(int choice) {
    Choice one = choices.get(choice);
    if (request.logprobs() != null || one.finish != null) {
      return ChunkLine.event(Json.line(chunk(choice)));
    }
    return one.events.of(one.text, () -> chunk(choice));
  }

  @Override
  public ObjectNode usageChunk() {
    return frame.usageChunk(OBJECT, generated());
  }

  private int generated() {
    return choices.stream().mapToInt(choice -> choice.generated).sum();
  }

  /** One continuation of one prompt. */
  private final class Choice {
    private final int index;
    private final StringBuilder text = new StringBuilder();
    private final StringBuilder said = new StringBuilder();
    private final List<TextEngine.TokenScore> tokens = new ArrayList<>();
    private final TextOffsets places = new TextOffsets();
    private int generated;
    private @Nullable FinishReason finish;
    private final TextEvents events = new TextEvents();

    private final Echo echo;

    Choice(int index, Echo echo) {
      this.index = index;
      this.echo = echo;
      text.append(echo.text);
    }

    void addPrompt(List<TextEngine.TokenScore> prompt) {
      boolean begun = false;
      for (TextEngine.TokenScore token : prompt.subList(echo.leadingSpecials, prompt.size())) {
        byte[] added = token.added();
        if (echo.verbatim && added.length == 0) {
          added = TokenBytes.of(token.text());
        } else if (!begun && added.length > 0 && added[0] == ' ' && !echo.text.startsWith(" ")) {
          added = Arrays.copyOfRange(added, 1, added.length); // the space of SentencePiece's own
        }
        begun |= added.length > 0;
        tokens.add(token.adding(added));
      }
    }

    void add(TextEngine.Piece piece) {
      text.append(piece.text());
      said.append(piece.text());
      generated += piece.tokens().size();
      if (request.logprobs() != null) {
        tokens.addAll(piece.tokens());
      }
    }

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
        offsets.add(places.next(token.added()));
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
