package dev.slipway.platform.server;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.platform.engine.TextEngine;
import dev.slipway.platform.toolcall.ToolCallParser;
import dev.slipway.platform.toolcall.ToolConvention;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The calls of one choice of a chat answer, whole and in the pieces of a stream. */
final class ToolCalls implements ToolCallParser.Sink {
  private final List<Call> calls = new ArrayList<>();
  private final ArrayNode news = Json.array();
  private final StringBuilder content;
  private final StringBuilder said;
  private final ToolCallParser parser;
  private final ToolConvention convention;
  private final int marker;
  private final ToolUse use;
  private final boolean single;

  /** Whether a call comes that the request does not want. */
  private boolean ignoring;

  private record Call(String id, String name, StringBuilder arguments) {}

  /**
   * @param marker id of the token that begins calls, -1 where it is text
   * @param content takes text that is no call, to be sent
   * @param said takes it likewise, to be kept
   */
  ToolCalls(
      ToolUse use,
      ToolConvention convention,
      int marker,
      StringBuilder content,
      StringBuilder said) {
    this.use = use;
    this.convention = convention;
    this.marker = marker;
    this.content = content;
    this.said = said;
    single = !use.parallel();
    parser = new ToolCallParser(convention, use::has, use.isForced(), this);
  }

  void feed(TextEngine.Piece piece) {
    parser.feed(
        piece.text(),
        marker >= 0 && piece.tokens().stream().anyMatch(token -> token.id() == marker));
  }

  void end() {
    parser.end();
  }

  boolean any() {
    return !calls.isEmpty();
  }

  boolean hasNews() {
    return !news.isEmpty();
  }

  /** What came since it was asked last, as OpenAI's deltas. */
  ArrayNode takeNews() {
    ArrayNode taken = news.deepCopy();
    news.removeAll();
    return taken;
  }

  /** All calls, as a message has them. */
  ArrayNode whole() {
    ArrayNode array = Json.array();
    for (Call call : calls) {
      ObjectNode one = array.addObject().put("id", call.id).put("type", "function");
      one.putObject("function").put("name", call.name).put("arguments", call.arguments.toString());
    }
    return array;
  }

  /** All calls, as a message has them that a template is given: arguments as what they say. */
  ArrayNode parsed() {
    ArrayNode array = whole();
    for (JsonNode call : array) {
      ObjectNode function = (ObjectNode) call.get("function");
      try {
        function.set("arguments", Json.parse(function.get("arguments").stringValue(), "arguments"));
      } catch (SlipwayException e) {
        continue; // what the model wrote is no JSON, and stays the text that it is
      }
    }
    return array;
  }

  @Override
  public void content(String text) {
    content.append(text);
    said.append(text);
  }

  @Override
  public void call(String name) {
    // Mistral's templates accept no other ids than these.
    String id =
        convention == ToolConvention.MISTRAL ? AnswerIds.next("", 9) : AnswerIds.next("call_");
    ignoring = use.forbids(name) || (single && !calls.isEmpty());
    if (ignoring) {
      return;
    }
    calls.add(new Call(id, name, new StringBuilder()));
    ObjectNode delta =
        news.addObject().put("index", calls.size() - 1).put("id", id).put("type", "function");
    delta.putObject("function").put("name", name).put("arguments", "");
  }

  @Override
  public void arguments(String more) {
    if (more.isEmpty() || ignoring) {
      return;
    }
    calls.getLast().arguments.append(more);
    int index = calls.size() - 1;
    JsonNode last = news.isEmpty() ? null : news.get(news.size() - 1);
    if (last != null && last.get("index").intValue() == index) {
      ObjectNode function = (ObjectNode) last.get("function");
      function.put("arguments", function.get("arguments").stringValue() + more);
    } else {
      news.addObject().put("index", index).putObject("function").put("arguments", more);
    }
  }
}
