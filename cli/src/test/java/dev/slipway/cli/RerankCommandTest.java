package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.base.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code rerank}, and {@code serve} of a cross-encoder. */
@Timeout(300)
class RerankCommandTest {
  private static final String QUERY = "where is the ship built";

  private final Path model =
      Cli.root().resolve("core/src/test/resources/dev/slipway/model/pretrained/cross-bert");

  @TempDir Path folder;

  /** Texts with what sentence-transformers scores them, in their order. */
  private record Expected(List<String> texts, List<Double> scores) {
    /** The best first. */
    List<Integer> order() {
      return IntStream.range(0, texts.size())
          .boxed()
          .sorted(Comparator.comparingDouble(i -> -scores.get(i)))
          .toList();
    }
  }

  private Expected expected() {
    JsonNode json = Json.read(model.resolve("expected.json"));
    List<String> texts = new ArrayList<>();
    List<Double> scores = new ArrayList<>();
    for (int i = 0; i < json.path("pairs").size(); i++) {
      JsonNode pair = json.path("pairs").get(i);
      if (pair.get(0).stringValue().equals(QUERY) && !pair.get(1).stringValue().isBlank()) {
        texts.add(pair.get(1).stringValue());
        scores.add(json.path("scores").get(i).doubleValue());
      }
    }
    return new Expected(texts, scores);
  }

  @Test
  void ordersTextsAsCrossEncoderRankDoes() {
    Expected expected = expected();
    // A blank line is no text, and is counted.
    Path file = TinyRun.write(folder.resolve("t.txt"), "\n" + String.join("\n", expected.texts));
    JsonNode hits =
        Cli.run("rerank", model, "--query", QUERY, "--text", file, "--top", 4, "--json")
            .succeeds()
            .json()
            .path("results")
            .path(0)
            .path("hits");
    assertThat(hits.size()).isEqualTo(4);
    for (int rank = 0; rank < 4; rank++) {
      int text = expected.order().get(rank);
      assertThat(hits.get(rank).path("line").asInt()).isEqualTo(text + 2);
      assertThat(hits.get(rank).path("text").asString()).isEqualTo(expected.texts.get(text));
      assertThat(hits.get(rank).path("score").asDouble())
          .isCloseTo(expected.scores.get(text), within(1e-5));
    }
    String plain =
        Cli.run("rerank", model, "--query", QUERY, "--query", "sail", "--text", file)
            .succeeds()
            .out();
    assertThat(plain.lines()).hasSize(2 * (1 + expected.texts.size()));
    assertThat(plain).startsWith(QUERY + "\n0.");
  }

  @Test
  void aServiceRanksByIt() throws Exception {
    Expected expected = expected();
    try (ServedProcess served = new ServedProcess(model)) {
      ObjectNode body = Json.object().put("query", QUERY).put("return_documents", false);
      ArrayNode documents = body.putArray("documents");
      expected.texts.forEach(documents::add);
      JsonNode results = served.post("/v1/rerank", body).path("results");
      List<Integer> order = new ArrayList<>();
      results.forEach(result -> order.add(result.path("index").asInt()));
      assertThat(order).isEqualTo(expected.order());
      assertThat(results.get(0).path("relevance_score").asDouble())
          .isCloseTo(expected.scores.get(order.getFirst()), within(1e-5));
    }
  }

  @Test
  void aCausalRerankerIsOpenedAndServedAsSuch() throws Exception {
    Path causal = model.resolveSibling("reranker-yes-no");
    JsonNode expected = Json.read(causal.resolve("expected.json"));
    String query = expected.at("/pairs/0/0").stringValue();
    String text = expected.at("/pairs/0/1").stringValue();
    double score = expected.at("/scores/0").doubleValue();
    Path file = TinyRun.write(folder.resolve("causal.txt"), text + "\n");
    JsonNode told =
        Cli.run("rerank", causal, "--query", query, "--text", file, "--json").succeeds().json();
    assertThat(told.at("/results/0/hits/0/score").asDouble()).isCloseTo(score, within(1e-5));
    try (ServedProcess served = new ServedProcess(causal)) {
      ObjectNode body = Json.object().put("query", query);
      body.putArray("documents").add(text);
      JsonNode results = served.post("/v1/rerank", body).path("results");
      assertThat(results.get(0).path("relevance_score").asDouble()).isCloseTo(score, within(1e-5));
    }
  }

  @Test
  void whatRanksNothingIsRefused() {
    Path file = TinyRun.write(folder.resolve("t.txt"), "the ship\n");
    Path vectors = model.resolveSibling("sentence-mean");
    Cli.run("rerank", vectors, "--query", "x", "--text", file)
        .fails(3, "model.no-cross-encoder", "one label", "LogitScore");
    Path published = Cli.root().resolve("core/src/test/resources/dev/slipway/model/published");
    Cli.run("rerank", published.resolve("llama"), "--query", "x", "--text", file)
        .fails(3, "model.no-cross-encoder", "LogitScore", "Qwen3-Reranker");
    TinyRun.write(
        folder.resolve("config.json"),
        "{\"model_type\": \"modernbert\", \"architectures\": [\"ModernBertForSequenceClassification\"]}");
    Cli.run("rerank", folder, "--query", "x", "--text", file)
        .fails(
            3, "model.no-cross-encoder", "ModernBertForSequenceClassification", "BERT or RoBERTa");
    Cli.run("serve", folder, "--port", 0)
        .fails(3, "model.unknown-architecture", "modernbert", "qwen3");
    Cli.run("rerank", model, "--query", "x", "--text", file, "--top", -1)
        .fails(2, "usage", "--top");
    Cli.run("rerank", model, "--query", "x", "--text", TinyRun.write(folder.resolve("n"), "\n \n"))
        .fails(3, "search.no-texts");
  }
}
