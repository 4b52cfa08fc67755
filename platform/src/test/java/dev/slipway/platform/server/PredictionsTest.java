package dev.slipway.platform.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.platform.Eventually;
import dev.slipway.platform.engine.PredictEngine;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What {@code /v1/predict} answers, over real HTTP, to good and to bad requests. */
class PredictionsTest {
  /**
   * Doubles numbers; the number 13 fails while it is computed, 17 is found broken then, and 7 waits
   * to be let go.
   */
  private static final class Doubling implements PredictEngine {
    private final CountDownLatch letGo;

    Doubling(CountDownLatch letGo) {
      this.letGo = letGo;
    }

    @Override
    public ObjectNode card() {
      return Json.object().put("task", "doubling");
    }

    @Override
    public Prediction prepare(JsonNode input, int top) {
      if (!input.isNumber()) {
        throw new SlipwayException(
            Exit.INPUT, "predict.no-number", "no number came, expected one", "send a number");
      }
      double number = input.asDouble();
      return () -> {
        if (number == 13) {
          throw new IllegalStateException("thirteen");
        }
        if (number == 17) {
          throw new SlipwayException(
              Exit.INPUT, "predict.broken", "seventeen is broken", "send another");
        }
        if (number == 7) {
          try {
            letGo.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        }
        ObjectNode answer = Json.object().put("value", 2 * number);
        return top == TOP ? answer : answer.put("top", top);
      };
    }

    @Override
    public Prediction prepare(byte[] content) {
      return () -> Json.object().put("value", 2.0 * content.length);
    }

    @Override
    public void close() {}
  }

  private static final CountDownLatch LET_GO = new CountDownLatch(1);
  private static ModelServer server;
  private static Http http;

  @BeforeAll
  static void start() throws InterruptedException {
    server =
        ModelServer.start(
            ServeOptions.DEFAULT.withPort(0).withQueue(2).withMaxBodyBytes(4096),
            new Servable.Predictor("double", () -> new Doubling(LET_GO)),
            List.of());
    server.awaitReady();
    http = new Http(server, "/v1/predict");
  }

  @AfterAll
  static void stop() {
    http.close();
    server.close();
  }

  @Test
  void answersOneInputAndSeveralInTheirOrder() throws Exception {
    assertThat(http.post("{\"input\":4}").body())
        .isEqualTo(
            "{\"object\":\"list\",\"model\":\"double\",\"data\":[{\"object\":\"prediction\","
                + "\"index\":0,\"value\":8.0}],\"usage\":{\"inputs\":1}}");
    JsonNode answer = Json.parse(http.post("{\"inputs\":[1,2,3]}").body(), "answer");
    assertThat(answer.path("data"))
        .extracting(one -> one.path("value").asDouble())
        .containsExactly(2.0, 4.0, 6.0);
  }

  @Test
  void listsAsMuchAsIsAskedFor() throws Exception {
    assertThat(http.post("{\"input\":4,\"top\":20}").body()).contains("\"top\":20");
    for (String top : List.of("0", "101", "\"3\"", "2.5")) {
      HttpResponse<String> refused = http.post("{\"input\":4,\"top\":" + top + "}");
      assertThat(refused.statusCode()).isEqualTo(400);
      assertThat(refused.body()).contains("'top' is to be a whole number from 1 to 100");
    }
  }

  @Test
  void inputsThatAreFoundBrokenAsTheyAreComputedAreTheClientsToMend() throws Exception {
    HttpResponse<String> refused = http.post("{\"inputs\":[1,17]}");
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body())
        .contains("seventeen is broken", "\"param\":\"inputs[1]\"", "\"code\":\"predict.broken\"");
  }

  @Test
  void takesABodyThatIsTheInputItself() throws Exception {
    HttpResponse<String> answer = http.post("image/jpeg", new byte[5]);
    assertThat(answer.body()).contains("\"value\":10.0");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{\"input\":\"x\"}|400|predict.no-number",
        "{\"inputs\":[1,\"x\"]}|400|inputs[1]",
        "{\"inputs\":[]}|400|at least one",
        "{\"inputs\":1}|400|list",
        "{}|400|missing_required_parameter",
        "{\"input\":1,\"inputs\":[1]}|400|missing_required_parameter",
        "{\"inptu\":1}|400|'inptu' is unknown",
        "{\"model\":\"other\",\"input\":1}|404|model_not_found",
        "{\"input\":13}|500|internal_error",
        "[1]|400|JSON object",
        "nonsense|400|invalid_json"
      })
  void refusesWithAReason(String body, int status, String reason) throws Exception {
    HttpResponse<String> answer = http.post(body);
    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.body()).contains(reason);
    assertThat(http.post("{\"input\":1}").statusCode()).as("still answers").isEqualTo(200);
  }

  @Test
  void refusesBodiesThatAreTooLarge() throws Exception {
    assertThat(http.post("image/png", new byte[5000]).statusCode()).isEqualTo(413);
  }

  @Test
  void tellsOfItsTaskAndCountsWhatItAnswered() throws Exception {
    assertThat(http.get("/v1/models").body())
        .contains("\"id\":\"double\"", "\"task\":\"doubling\"");
    http.post("{\"input\":4}");
    assertThat(http.get("/metrics").body()).contains("slipway_predictions_total");
    assertThat(http.get("/v1/completions").statusCode()).isEqualTo(404);
    HttpResponse<String> wrong = http.get("/v1/predict");
    assertThat(wrong.statusCode()).isEqualTo(405);
    assertThat(wrong.body()).contains("method_not_allowed");
  }

  @Test
  void aFullQueueSaysWhenToComeBack() throws Exception {
    CountDownLatch letGo = new CountDownLatch(1);
    try (ModelServer full =
            ModelServer.start(
                ServeOptions.DEFAULT.withPort(0).withQueue(1),
                new Servable.Predictor("double", () -> new Doubling(letGo)),
                List.of());
        Http client = new Http(full, "/v1/predict")) {
      full.awaitReady();
      CompletableFuture<Integer> first = asked(client);
      told(client, "num_requests_running{model_name=\"double\"} 1");
      CompletableFuture<Integer> second = asked(client);
      told(client, "num_requests_waiting{model_name=\"double\"} 1");
      HttpResponse<String> refused = client.post("{\"input\":1}");
      assertThat(refused.statusCode()).isEqualTo(429);
      assertThat(refused.headers().firstValue("Retry-After")).isPresent();
      letGo.countDown();
      assertThat(first.join()).isEqualTo(200);
      assertThat(second.join()).isEqualTo(200);
    }
  }

  private static void told(Http client, String metric) throws Exception {
    Eventually.holds(metric, () -> client.get("/metrics").body().contains(metric));
  }

  private static CompletableFuture<Integer> asked(Http client) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return client
                .post("application/json", "{\"input\":7}".getBytes(StandardCharsets.UTF_8))
                .statusCode();
          } catch (java.io.IOException | InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
  }
}
