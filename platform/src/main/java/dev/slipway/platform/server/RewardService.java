package dev.slipway.platform.server;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.platform.access.Caller;
import dev.slipway.platform.engine.RewardEngine;
import dev.slipway.tokenizer.chat.Conversation;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A reward model: {@code POST /v1/score} of one conversation's {@code messages}, or of several's,
 * answered in vLLM's shape of scores.
 */
final class RewardService extends QueuedService<RewardEngine> {
  private static final Set<String> KNOWN =
      new TreeSet<>(List.of("messages", "model", "tools", "chat_template_kwargs", "user"));

  private static final int MOST_CONVERSATIONS = 256;

  RewardService(
      ServeOptions options,
      String model,
      Callable<? extends RewardEngine> opening,
      ServerMetrics metrics,
      Supplier<ServiceState> state) {
    super(options, model, opening, metrics, state);
  }

  @Override
  public Map<String, String> paths() {
    return Map.of("/score", "POST", "/v1/score", "POST");
  }

  @Override
  public void route(HttpRouting.Builder routing, ClientConnections clients) {
    routing
        .post("/score", (http, response) -> score(http, response, clients))
        .post("/v1/score", (http, response) -> score(http, response, clients));
  }

  private void score(ServerRequest http, ServerResponse response, ClientConnections clients) {
    requireReady();
    RequestFields fields = RequestFields.of(RequestBody.json(http, options.maxBodyBytes()));
    fields.require(KNOWN, List.of("text_1", "text_2"));
    fields.requireModel(model);
    List<Conversation> conversations = conversations(fields);
    RewardEngine engine = engine();
    Caller caller = Callers.of(http);
    RewardEngine.Rewards rewards =
        ModelQueue.await(
            http,
            clients,
            queue.submit(
                caller.name(),
                List.<Supplier<RewardEngine.Rewards>>of(() -> rewards(engine, conversations))),
            0);
    caller.allowance().spend(rewards.tokens());
    Exchange exchange = Exchange.of(http);
    exchange.model(model);
    exchange.prompt(rewards.tokens());
    conversations.stream()
        .flatMap(conversation -> conversation.messages().stream())
        .forEach(message -> exchange.asked(message.path("content").asString("")));
    ObjectNode body =
        Json.object()
            .put("id", AnswerIds.next("score-"))
            .put("object", "list")
            .put("created", Instant.now().getEpochSecond())
            .put("model", model);
    ArrayNode data = body.putArray("data");
    for (int i = 0; i < rewards.rewards().size(); i++) {
      data.addObject()
          .put("index", i)
          .put("object", "score")
          .put("score", rewards.rewards().get(i));
    }
    body.putObject("usage")
        .put("prompt_tokens", rewards.tokens())
        .put("total_tokens", rewards.tokens())
        .put("completion_tokens", 0);
    ResponseBody.json(http, response, body);
  }

  /** One conversation where messages are objects, several where they are lists of such. */
  private static List<Conversation> conversations(RequestFields fields) {
    JsonNode messages = fields.field("messages");
    if (messages == null
        || !messages.isArray()
        || messages.isEmpty()
        || !messages.get(0).isArray()) {
      return List.of(ConversationReader.read(fields, true, false, false));
    }
    if (messages.size() > MOST_CONVERSATIONS) {
      throw ApiProblem.invalid(
          "messages",
          "invalid_value",
          "'messages' has "
              + messages.size()
              + " conversations, expected at most "
              + MOST_CONVERSATIONS);
    }
    List<Conversation> conversations = new ArrayList<>();
    for (JsonNode each : messages) {
      conversations.add(ConversationReader.read(fields.with("messages", each), true, false, false));
    }
    return conversations;
  }

  private static RewardEngine.Rewards rewards(
      RewardEngine engine, List<Conversation> conversations) {
    try {
      return engine.rewards(conversations);
    } catch (SlipwayException e) {
      throw ApiProblem.invalid("messages", e.code(), String.valueOf(e.getMessage()));
    }
  }
}
