package dev.slipway.platform.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.platform.engine.RewardEngine;
import dev.slipway.tokenizer.chat.Conversation;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What a reward model answers, over real HTTP, to good and to bad requests. */
class RewardsTest {
  private static ModelServer server;
  private static Http http;

  /** An answer's reward is its length. */
  static final class Lengths implements RewardEngine {
    private final Thread owner = Thread.currentThread();

    @Override
    public ObjectNode card() {
      return Json.object().put("max_model_len", 32);
    }

    @Override
    public Rewards rewards(List<Conversation> conversations) {
      assertThat(Thread.currentThread()).isSameAs(owner);
      List<Double> lengths =
          conversations.stream()
              .map(each -> each.messages().getLast().path("content").asString("").length() + 0.5)
              .toList();
      if (lengths.contains(32.5)) {
        throw new SlipwayException(
            Exit.USAGE, "generate.prompt-too-long", "the conversation is too long", "shorten it");
      }
      return new Rewards(lengths, 10 * conversations.size());
    }

    @Override
    public void close() {}
  }

  @BeforeAll
  static void start() throws InterruptedException {
    server =
        ModelServer.start(
            ServeOptions.DEFAULT.withPort(0),
            new Servable.RewardModel("judge", Lengths::new),
            List.of());
    server.awaitReady();
    http = new Http(server, "/v1/score");
  }

  @AfterAll
  static void stop() {
    http.close();
    server.close();
  }

  private static String message(String content) {
    return "{\"role\": \"assistant\", \"content\": \"" + content + "\"}";
  }

  @Test
  void scoresAConversation() throws Exception {
    JsonNode body = http.ask("{\"messages\": [" + message("before") + "," + message("abc") + "]}");
    assertThat(body.path("data").toString())
        .isEqualTo("[{\"index\":0,\"object\":\"score\",\"score\":3.5}]");
    assertThat(body.path("model").asString()).isEqualTo("judge");
    assertThat(body.at("/usage/prompt_tokens").asInt()).isEqualTo(10);
    JsonNode card = Http.json(http.get("/v1/models").body()).at("/data/0");
    assertThat(card.path("max_model_len").asInt()).isEqualTo(32);
    assertThat(card.path("created").asLong()).isPositive();
  }

  @Test
  void scoresSeveralConversationsInTheirOrder() throws Exception {
    JsonNode body = http.ask("{\"messages\": [[" + message("abc") + "], [" + message("z") + "]]}");
    assertThat(body.at("/data/0/score").asDouble()).isEqualTo(3.5);
    assertThat(body.at("/data/1/score").asDouble()).isEqualTo(1.5);
    assertThat(body.at("/usage/total_tokens").asInt()).isEqualTo(20);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '~',
      value = {
        "{}; messages; missing_required_parameter",
        "{'messages': 'hello'}; messages; invalid_type",
        "{'messages': []}; messages; chat.malformed",
        "{'messages': [[]]}; messages; chat.malformed",
        "{'messages': [[{'role': 'user', 'content': 'a'}], 3]}; messages; invalid_type",
        "{'messages': [{'role': 'user', 'content': '12345678901234567890123456789012'}]}; messages; generate.prompt-too-long",
        "{'messages': [{'role': 'user'}], 'text_1': 'a'}; text_1; unsupported_parameter",
        "{'messages': [{'role': 'user'}], 'prompt': 'a'}; prompt; unknown_parameter",
      })
  void refusesWithTheFieldsName(String body, String field, String code) throws Exception {
    HttpResponse<String> answer = http.post(body.replace('\'', '"'));
    assertThat(answer.statusCode()).isEqualTo(400);
    JsonNode error = Http.json(answer.body()).path("error");
    assertThat(error.path("param").asString()).isEqualTo(field);
    assertThat(error.path("code").asString()).isEqualTo(code);
  }

  @Test
  void hasNoPathsOfOtherModels() throws Exception {
    assertThat(http.get("/v1/completions").statusCode()).isEqualTo(404);
  }
}
