package dev.slipway.platform.server;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.platform.access.Caller;
import dev.slipway.platform.engine.EmbedEngine;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** An encoder: {@code POST /v1/embeddings}, in OpenAI's shape. */
final class EmbedService extends QueuedService<EmbedEngine> {
  private static final Set<String> KNOWN =
      new TreeSet<>(List.of("input", "model", "encoding_format", "dimensions", "user"));

  /** OpenAI's limit. */
  private static final int MOST_INPUTS = 2048;

  EmbedService(
      ServeOptions options,
      String model,
      Callable<? extends EmbedEngine> opening,
      ServerMetrics metrics,
      Supplier<ServiceState> state) {
    super(options, model, opening, metrics, state);
  }

  @Override
  public Map<String, String> paths() {
    Map<String, String> paths = new TreeMap<>(TokenHandlers.PATHS);
    paths.putAll(SimilarityHandlers.PATHS);
    paths.put("/v1/embeddings", "POST");
    return paths;
  }

  @Override
  public void route(HttpRouting.Builder routing, ClientConnections clients) {
    routing.post("/v1/embeddings", (http, response) -> handle(http, response, clients));
    new SimilarityHandlers(
            options,
            model,
            (http, name, first, second) -> similarities(http, clients, name, first, second))
        .route(routing);
    routeTokens(routing, EmbedEngine::tokens);
  }

  private void handle(ServerRequest http, ServerResponse response, ClientConnections clients) {
    requireReady();
    RequestFields fields = RequestFields.of(RequestBody.json(http, options.maxBodyBytes()));
    fields.require(KNOWN, List.of("dimensions"));
    fields.requireModel(model);
    List<String> texts = texts(fields.field("input"));
    boolean base64 = base64(fields.field("encoding_format"));
    EmbedEngine.Embedded embedded = embedded(http, clients, "input", texts);
    ObjectNode body = Json.object().put("object", "list").put("model", model);
    ArrayNode data = body.putArray("data");
    for (int i = 0; i < embedded.vectors().size(); i++) {
      float[] vector = embedded.vectors().get(i);
      ObjectNode one = data.addObject().put("object", "embedding").put("index", i);
      if (base64) {
        one.put("embedding", Base64.getEncoder().encodeToString(bytes(vector)));
      } else {
        ArrayNode values = one.putArray("embedding");
        for (float value : vector) {
          values.add(value);
        }
      }
    }
    body.putObject("usage")
        .put("prompt_tokens", embedded.tokens())
        .put("total_tokens", embedded.tokens());
    ResponseBody.json(http, response, body);
  }

  private EmbedEngine.Embedded embedded(
      ServerRequest http, ClientConnections clients, String name, List<String> texts) {
    EmbedEngine engine = engine();
    Caller caller = Callers.of(http);
    List<CompletableFuture<EmbedEngine.Embedded>> answers =
        queue.submit(
            caller.name(),
            List.<Supplier<EmbedEngine.Embedded>>of(() -> embed(engine, name, texts)));
    EmbedEngine.Embedded embedded = ModelQueue.await(http, clients, answers, 0);
    caller.allowance().spend(embedded.tokens());
    Exchange exchange = Exchange.of(http);
    exchange.model(model);
    exchange.prompt(embedded.tokens());
    texts.forEach(exchange::asked);
    return embedded;
  }

  private SimilarityHandlers.Similarities similarities(
      ServerRequest http,
      ClientConnections clients,
      String name,
      List<String> first,
      List<String> second) {
    List<String> all = new ArrayList<>(first);
    all.addAll(second);
    EmbedEngine.Embedded embedded = embedded(http, clients, name, all);
    List<Double> scores = new ArrayList<>();
    for (int i = 0; i < second.size(); i++) {
      scores.add(
          cosine(
              embedded.vectors().get(first.size() == 1 ? 0 : i),
              embedded.vectors().get(first.size() + i)));
    }
    return new SimilarityHandlers.Similarities(scores, embedded.tokens());
  }

  private static double cosine(float[] a, float[] b) {
    double product = 0;
    double squareA = 0;
    double squareB = 0;
    for (int i = 0; i < a.length; i++) {
      product += (double) a[i] * b[i];
      squareA += (double) a[i] * a[i];
      squareB += (double) b[i] * b[i];
    }
    double norms = Math.sqrt(squareA * squareB);
    return norms == 0 ? 0 : product / norms;
  }

  private static EmbedEngine.Embedded embed(EmbedEngine engine, String name, List<String> texts) {
    try {
      return engine.embed(texts);
    } catch (SlipwayException e) {
      throw ApiProblem.invalid(name, e.code(), String.valueOf(e.getMessage()));
    }
  }

  private static List<String> texts(@Nullable JsonNode input) {
    if (input == null) {
      throw ApiProblem.invalid("input", "missing_required_parameter", "you must provide 'input'");
    }
    if (input.isString()) {
      return List.of(text("input", input));
    }
    if (!input.isArray()) {
      throw RequestFields.wrongType("input", input, "a string or an array of strings");
    }
    if (input.isEmpty() || input.size() > MOST_INPUTS) {
      throw ApiProblem.invalid(
          "input",
          "invalid_value",
          "'input' has " + input.size() + " texts, expected 1 to " + MOST_INPUTS);
    }
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < input.size(); i++) {
      texts.add(text("input[" + i + "]", input.get(i)));
    }
    return texts;
  }

  private static String text(String name, JsonNode node) {
    String text = RequestFields.string(name, node);
    if (text.isEmpty()) {
      throw ApiProblem.invalid(name, "invalid_value", "'" + name + "' is empty, expected a text");
    }
    return text;
  }

  private static boolean base64(@Nullable JsonNode format) {
    if (format == null || format.asString("").equals("float")) {
      return false;
    }
    if (format.asString("").equals("base64")) {
      return true;
    }
    throw ApiProblem.invalid(
        "encoding_format",
        "invalid_value",
        "'encoding_format' is "
            + RequestFields.shown(format.toString())
            + ", expected float or base64");
  }

  /** Float32 in little-endian order, as OpenAI's clients read it. */
  private static byte[] bytes(float[] vector) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Float.BYTES * vector.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(vector);
    return bytes.array();
  }
}
