package dev.slipway.platform.server;

import dev.slipway.base.Json;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code POST /v1/score} and {@code POST /v1/rerank} in vLLM's shapes, which for rerank are Jina's
 * and Cohere's.
 */
final class SimilarityHandlers {
  static final Map<String, String> PATHS =
      new TreeMap<>(
          Map.of(
              "/score", "POST",
              "/v1/score", "POST",
              "/rerank", "POST",
              "/v1/rerank", "POST",
              "/v2/rerank", "POST"));

  private static final Set<String> SCORE =
      new TreeSet<>(List.of("model", "text_1", "text_2", "encoding_format", "user"));
  private static final Set<String> RERANK =
      new TreeSet<>(List.of("model", "query", "documents", "top_n", "return_documents", "user"));
  private static final int MOST_TEXTS = 2048;

  private final ServeOptions options;
  private final String model;
  private final Pairs pairs;

  /** Compares texts for a request, waiting for its turn. */
  interface Pairs {
    /**
     * @param name the field that the texts come from, for a refusal
     * @param first as many as {@code second}, or one that goes with each of those
     */
    Similarities of(ServerRequest http, String name, List<String> first, List<String> second);
  }

  /**
   * @param scores the higher, the more alike; one a text of the second list
   * @param tokens that were read
   */
  record Similarities(List<Double> scores, int tokens) {
    Similarities {
      scores = List.copyOf(scores);
    }
  }

  SimilarityHandlers(ServeOptions options, String model, Pairs pairs) {
    this.options = options;
    this.model = model;
    this.pairs = pairs;
  }

  void route(HttpRouting.Builder routing) {
    routing
        .post("/score", this::score)
        .post("/v1/score", this::score)
        .post("/rerank", this::rerank)
        .post("/v1/rerank", this::rerank)
        .post("/v2/rerank", this::rerank);
  }

  private void score(ServerRequest http, ServerResponse response) {
    RequestFields fields = fields(http, SCORE);
    List<String> first = texts(fields, "text_1");
    List<String> second = texts(fields, "text_2");
    if (first.size() != 1 && first.size() != second.size()) {
      throw ApiProblem.invalid(
          "text_1",
          "invalid_value",
          "'text_1' has "
              + first.size()
              + " texts and 'text_2' "
              + second.size()
              + ", expected one in 'text_1', or as many in both");
    }
    Similarities found = pairs.of(http, "text_2", first, second);
    ObjectNode body =
        Json.object()
            .put("id", AnswerIds.next("score-"))
            .put("object", "list")
            .put("created", Instant.now().getEpochSecond())
            .put("model", model);
    ArrayNode data = body.putArray("data");
    for (int i = 0; i < second.size(); i++) {
      data.addObject().put("index", i).put("object", "score").put("score", found.scores().get(i));
    }
    usage(body, found.tokens()).put("completion_tokens", 0);
    ResponseBody.json(http, response, body);
  }

  private void rerank(ServerRequest http, ServerResponse response) {
    RequestFields fields = fields(http, RERANK);
    JsonNode query = fields.field("query");
    if (query == null) {
      throw ApiProblem.invalid("query", "missing_required_parameter", "you must provide 'query'");
    }
    List<String> queries = List.of(text("query", query));
    List<String> documents = texts(fields, "documents");
    int most = fields.integer("top_n", 0, 0, Integer.MAX_VALUE);
    boolean told = fields.bool("return_documents", true);
    Similarities found = pairs.of(http, "documents", queries, documents);
    ObjectNode body = Json.object().put("id", AnswerIds.next("rerank-")).put("model", model);
    usage(body, found.tokens());
    ArrayNode results = body.putArray("results");
    IntStream.range(0, documents.size())
        .boxed()
        .sorted(
            Comparator.comparingDouble((Integer i) -> -found.scores().get(i)).thenComparing(i -> i))
        .limit(most == 0 ? documents.size() : most)
        .forEach(
            i -> {
              ObjectNode result = results.addObject().put("index", i);
              if (told) {
                result.putObject("document").put("text", documents.get(i));
              }
              result.put("relevance_score", found.scores().get(i));
            });
    ResponseBody.json(http, response, body);
  }

  private RequestFields fields(ServerRequest http, Set<String> known) {
    RequestFields fields = RequestFields.of(RequestBody.json(http, options.maxBodyBytes()));
    fields.require(known, List.of("truncate_prompt_tokens", "max_tokens_per_doc"));
    fields.requireModel(model);
    return fields;
  }

  private static List<String> texts(RequestFields fields, String name) {
    JsonNode given = fields.field(name);
    if (given == null) {
      throw ApiProblem.invalid(
          name, "missing_required_parameter", "you must provide '" + name + "'");
    }
    if (!given.isArray()) {
      return List.of(text(name, given));
    }
    if (given.isEmpty() || given.size() > MOST_TEXTS) {
      throw ApiProblem.invalid(
          name,
          "invalid_value",
          "'" + name + "' has " + given.size() + " texts, expected 1 to " + MOST_TEXTS);
    }
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < given.size(); i++) {
      texts.add(text(name + "[" + i + "]", given.get(i)));
    }
    return texts;
  }

  /** A text, or Jina's and Cohere's object with one. */
  private static String text(String name, JsonNode node) {
    String path = node.isObject() ? name + ".text" : name;
    String text = RequestFields.string(path, node.isObject() ? node.path("text") : node);
    if (text.isEmpty()) {
      throw ApiProblem.invalid(path, "invalid_value", "'" + path + "' is empty, expected a text");
    }
    return text;
  }

  private static ObjectNode usage(ObjectNode body, int tokens) {
    return body.putObject("usage").put("prompt_tokens", tokens).put("total_tokens", tokens);
  }
}
