package dev.slipway.platform.server;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.platform.engine.PredictEngine;
import dev.slipway.platform.engine.PredictEngine.Prediction;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A model of any task but language: {@code POST /v1/predict}. The body is {@code {"input": …}} or
 * {@code {"inputs": [ … ]}}, with {@code "top"} for how much an answer lists, or with another
 * content type than JSON the only input itself.
 */
final class PredictService extends QueuedService<PredictEngine> {
  private static final Set<String> KNOWN =
      new TreeSet<>(List.of("model", "input", "inputs", "top"));

  /** More than people read, and what a recommendation holds. */
  private static final int MOST_TOP = 100;

  PredictService(
      ServeOptions options,
      String model,
      Callable<? extends PredictEngine> opening,
      ServerMetrics metrics,
      Supplier<ServiceState> state) {
    super(options, model, opening, metrics, state);
  }

  @Override
  public Map<String, String> paths() {
    return Map.of("/v1/predict", "POST");
  }

  @Override
  public void route(HttpRouting.Builder routing, ClientConnections clients) {
    routing.post("/v1/predict", (http, response) -> handle(http, response, clients));
  }

  private void handle(ServerRequest http, ServerResponse response, ClientConnections clients) {
    PredictEngine engine = engine();
    List<Asked> asked = prepare(engine, http);
    Exchange.of(http).model(model);
    // Pictures and sounds are opened while their answer is computed: a broken one is told then.
    List<Supplier<ObjectNode>> work =
        asked.stream()
            .<Supplier<ObjectNode>>map(one -> () -> told(one.param, one.prediction::compute))
            .toList();
    List<CompletableFuture<ObjectNode>> answers = queue.submit(Callers.of(http).name(), work);
    ObjectNode body = Json.object().put("object", "list").put("model", model);
    ArrayNode data = body.putArray("data");
    for (int i = 0; i < answers.size(); i++) {
      ObjectNode answer = ModelQueue.await(http, clients, answers, i);
      data.add(Json.object().put("object", "prediction").put("index", i).setAll(answer));
    }
    body.putObject("usage").put("inputs", answers.size());
    ResponseBody.json(http, response, body);
  }

  /**
   * One input.
   *
   * @param param where it stands in the request
   */
  private record Asked(String param, Prediction prediction) {}

  private List<Asked> prepare(PredictEngine engine, ServerRequest http) {
    String type = RequestBody.type(http);
    if (!type.isEmpty() && !type.equals("application/json")) {
      byte[] content = RequestBody.bytes(http, options.maxBodyBytes());
      return List.of(asked("body", () -> engine.prepare(content)));
    }
    JsonNode body = read(RequestBody.json(http, options.maxBodyBytes()));
    for (String field : body.propertyNames()) {
      if (!KNOWN.contains(field)) {
        throw ApiProblem.invalid(
            field,
            "unknown_parameter",
            "'" + field + "' is unknown, expected " + String.join(", ", KNOWN));
      }
    }
    if (body.hasNonNull("model") && !body.path("model").asString("").equals(model)) {
      throw ApiProblem.unknownModel(body.path("model").asString(""), List.of(model));
    }
    if (body.has("input") == body.has("inputs")) {
      throw ApiProblem.invalid(
          "inputs",
          "missing_required_parameter",
          "expected one of 'input', for one, and 'inputs', a list");
    }
    int top = top(body);
    if (body.has("input")) {
      return List.of(asked("input", () -> engine.prepare(body.path("input"), top)));
    }
    JsonNode inputs = body.path("inputs");
    if (!inputs.isArray() || inputs.isEmpty()) {
      throw ApiProblem.invalid(
          "inputs", "invalid_type", "'inputs' is to be a list with at least one input");
    }
    List<Asked> asked = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      JsonNode input = inputs.path(i);
      asked.add(asked("inputs[" + i + "]", () -> engine.prepare(input, top)));
    }
    return asked;
  }

  private static int top(JsonNode body) {
    if (!body.hasNonNull("top")) {
      return PredictEngine.TOP;
    }
    JsonNode top = body.path("top");
    if (!top.isIntegralNumber() || top.asLong() < 1 || top.asLong() > MOST_TOP) {
      throw ApiProblem.invalid(
          "top", "invalid_value", "'top' is to be a whole number from 1 to " + MOST_TOP);
    }
    return top.asInt();
  }

  private static JsonNode read(byte[] bytes) {
    JsonNode body;
    try {
      body = Json.MAPPER.readTree(bytes);
    } catch (JacksonException e) {
      throw ApiProblem.invalid("body", "invalid_json", "the body is no JSON: " + Json.why(e));
    }
    if (!body.isObject()) {
      throw ApiProblem.invalid("body", "invalid_type", "the body is to be a JSON object");
    }
    return body;
  }

  private static Asked asked(String param, Supplier<Prediction> preparing) {
    return new Asked(param, told(param, preparing));
  }

  /** What is wrong with an input is told to who sent it; all else is the service's own fault. */
  private static <T> T told(String param, Supplier<T> work) {
    try {
      return work.get();
    } catch (SlipwayException e) {
      if (e.exit() != Exit.INPUT) {
        throw e;
      }
      throw ApiProblem.invalid(param, e.code(), String.valueOf(e.getMessage()));
    }
  }
}
