package dev.slipway.platform.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.base.Json;
import dev.slipway.platform.engine.RerankEngine;
import dev.slipway.platform.engine.Tokens;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A cross-encoder behind the service, which here tells how long the second text is. */
class RerankTest {
  private static ModelServer server;
  private static Http http;

  /** Scores a pair by its texts' lengths; a token is a character. */
  private static final class Lengths implements RerankEngine {
    @Override
    public ObjectNode card() {
      return Json.object().put("max_model_len", 512);
    }

    @Override
    public Tokens tokens() {
      throw new IllegalStateException("nobody asks");
    }

    @Override
    public Scored scores(List<String> first, List<String> second) {
      List<Double> scores = new ArrayList<>();
      int tokens = 0;
      for (int i = 0; i < second.size(); i++) {
        String one = first.get(first.size() == 1 ? 0 : i);
        scores.add(second.get(i).length() + one.length() / 100.0);
        tokens += one.length() + second.get(i).length();
      }
      return new Scored(scores, tokens);
    }

    @Override
    public void close() {}
  }

  @BeforeAll
  static void start() throws InterruptedException {
    server =
        ModelServer.start(
            ServeOptions.DEFAULT.withPort(0),
            new Servable.CrossEncoder("cross", Lengths::new),
            List.of());
    server.awaitReady();
    http = new Http(server, "/v1/rerank");
  }

  @AfterAll
  static void stop() {
    http.close();
    server.close();
  }

  @Test
  void ranksDocumentsByTheScoreOfBothTexts() throws Exception {
    JsonNode answer =
        http.ask("{\"query\":\"aa\",\"documents\":[\"b\",{\"text\":\"cccc\"},\"dd\"],\"top_n\":2}");
    assertThat(answer.get("model").stringValue()).isEqualTo("cross");
    assertThat(Json.line(answer.get("results")))
        .isEqualTo(
            "[{\"index\":1,\"document\":{\"text\":\"cccc\"},\"relevance_score\":4.02},"
                + "{\"index\":2,\"document\":{\"text\":\"dd\"},\"relevance_score\":2.02}]");
    assertThat(answer.get("usage").get("total_tokens").intValue()).isEqualTo(13);
  }

  @Test
  void scoresOneAgainstManyAndPairs() throws Exception {
    JsonNode one =
        Http.json(http.post("/v1/score", "{\"text_1\":\"a\",\"text_2\":[\"b\",\"cc\"]}").body());
    assertThat(one.get("data").get(1).get("score").doubleValue()).isEqualTo(2.01);
    JsonNode pairs =
        Http.json(
            http.post("/v1/score", "{\"text_1\":[\"a\",\"bb\"],\"text_2\":[\"b\",\"cc\"]}").body());
    assertThat(pairs.get("data").get(1).get("score").doubleValue()).isEqualTo(2.02);
  }

  @Test
  void hasNoVectors() throws Exception {
    HttpResponse<String> response = http.post("/v1/embeddings", "{\"input\":\"a\"}");
    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(response.body()).contains("/v1/rerank");
  }
}
