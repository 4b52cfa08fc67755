package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.base.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class SearchCommandTest {
  @TempDir Path folder;

  private final Path model =
      Cli.root().resolve("core/src/test/resources/dev/slipway/model/pretrained/sentence-mean");
  private Path texts = Path.of("");

  @BeforeEach
  void texts() {
    texts =
        TinyRun.write(
            folder.resolve("texts.txt"),
            "the ship is new\nthe harbour was old , the keel is old\n\na model and a word\n");
  }

  private JsonNode hits(Object... more) {
    Object[] line = new Object[6 + more.length];
    Object[] begin = {"search", model, "--text", texts, "--json", "--top=2"};
    System.arraycopy(begin, 0, line, 0, begin.length);
    System.arraycopy(more, 0, line, begin.length, more.length);
    return Cli.run(line).succeeds().json().path("results").path(0).path("hits");
  }

  @Test
  void theSameTextIsNearest() {
    JsonNode hits = hits("--query", "a model and a word");
    assertThat(hits.size()).isEqualTo(2);
    assertThat(hits.get(0).path("text").asString()).isEqualTo("a model and a word");
    // Blank lines count.
    assertThat(hits.get(0).path("line").asInt()).isEqualTo(4);
    assertThat(hits.get(0).path("cosine").asDouble()).isCloseTo(1, within(1e-5));
    assertThat(hits.get(1).path("cosine").asDouble())
        .isLessThan(hits.get(0).path("cosine").asDouble());
  }

  @Test
  void vectorsAreKeptWhileTextsAreTheSame() throws IOException {
    Path index = folder.resolve("vectors.safetensors");
    JsonNode first = hits("--query", "the keel", "--index", index);
    byte[] kept = Files.readAllBytes(index);
    assertThat(hits("--query", "the keel", "--index", index)).isEqualTo(first);
    assertThat(Files.readAllBytes(index)).isEqualTo(kept);
    TinyRun.write(texts, "the ship is new\nthe keel\n");
    assertThat(hits("--query", "the keel", "--index", index).get(0).path("line").asInt())
        .isEqualTo(2);
    assertThat(Files.readAllBytes(index)).isNotEqualTo(kept);
  }

  @Test
  void aModelIsJudgedBesideBm25() {
    Path questions =
        TinyRun.write(
            folder.resolve("questions.jsonl"),
            "{\"query\": \"the ship is new\", \"text\": \"the ship is new\"}\n"
                + "{\"query\": \"keels in harbours\", \"text\": \"the harbour was old , the keel is old\"}\n");
    JsonNode json =
        Cli.run("search", model, "--text", texts, "--judge", questions, "--json").succeeds().json();
    assertThat(json.path("questions").asInt()).isEqualTo(2);
    assertThat(json.path("texts").asInt()).isEqualTo(3);
    // Stems find both, each alone.
    assertThat(json.path("bm25").path("metrics").path(1).path("value").asDouble()).isEqualTo(1);
    assertThat(json.path("model").path("metrics").path(0).path("value").asDouble()).isEqualTo(1);
  }

  /** By a model of the same words; what it orders is what {@code rerank} says of the same texts. */
  @Test
  void aCrossEncoderOrdersTheNearest() {
    Path reader = model.resolveSibling("cross-bert");
    JsonNode ranked =
        Cli.run("rerank", reader, "--query", "the keel", "--text", texts, "--json")
            .succeeds()
            .json()
            .path("results")
            .path(0)
            .path("hits");
    JsonNode hits = hits("--query", "the keel", "--rerank", reader);
    assertThat(hits.size()).isEqualTo(2);
    for (int rank = 0; rank < 2; rank++) {
      assertThat(hits.get(rank).path("text")).isEqualTo(ranked.get(rank).path("text"));
      assertThat(hits.get(rank).path("score").asDouble())
          .isCloseTo(ranked.get(rank).path("score").asDouble(), within(1e-6));
      assertThat(hits.get(rank).has("cosine")).isTrue();
    }
    // Of one candidate nothing is left to be ordered, but what --top asks for is read.
    assertThat(hits("--query", "the keel", "--rerank", reader, "--candidates", 1).size())
        .isEqualTo(2);
    String best = ranked.get(0).path("text").asString();
    Path questions =
        TinyRun.write(
            folder.resolve("questions.jsonl"),
            Json.line(Json.object().put("query", "the keel").put("text", best)) + "\n");
    JsonNode judged =
        Cli.run(
                "search",
                model,
                "--text",
                texts,
                "--judge",
                questions,
                "--rerank",
                reader,
                "--json")
            .succeeds()
            .json();
    assertThat(judged.path("reranked").path("metrics").path(1).path("value").asDouble())
        .isEqualTo(1);
    assertThat(
            Cli.run("search", model, "--text", texts, "--judge", questions, "--rerank", reader)
                .succeeds()
                .out())
        .contains("model reranked     BM25");
    Cli.run("search", model, "--text", texts, "--query", "x", "--rerank", model)
        .fails(3, "model.no-cross-encoder", "one label");
  }

  @Test
  void whatCantBeAskedIsRefused() {
    Path questions =
        TinyRun.write(folder.resolve("q.jsonl"), "{\"query\": \"x\", \"text\": \"not there\"}\n");
    Cli.run("search", model, "--text", texts, "--judge", questions)
        .fails(3, "search.bad-question", "q.jsonl:1");
    Cli.run("search", model, "--text", texts).fails(2, "search.nothing-asked", "--query");
    Cli.run(
            "search",
            model,
            "--text",
            TinyRun.write(folder.resolve("none.txt"), "\n\n"),
            "--query",
            "x")
        .fails(3, "search.no-texts", "none.txt");
  }
}
