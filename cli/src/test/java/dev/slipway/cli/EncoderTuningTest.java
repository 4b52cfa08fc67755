package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slipway.base.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A tiny published encoder, from a recipe to answers that Python's libraries give too. */
class EncoderTuningTest {
  private static final List<String> NOUNS =
      List.of("ship", "sail", "harbour", "keel", "model", "word");

  @TempDir Path folder;

  private static Path model() {
    return Cli.root().resolve("core/src/test/resources/dev/slipway/model/pretrained/sentence-mean");
  }

  private interface Line {
    ObjectNode of(Random random);
  }

  private JsonNode run(Line line, String rest) {
    return run(line, "auto", rest);
  }

  private JsonNode run(Line line, String inputs, String rest) {
    Random random = new Random(7);
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 100; i++) {
      lines.append(Json.line(line.of(random))).append('\n');
    }
    Path data = TinyRun.write(folder.resolve("data.jsonl"), lines.toString());
    Path recipe =
        TinyRun.write(
            folder.resolve("recipe.yaml"),
            "name: tiny\ndata: { source: { records: { path: \""
                + data
                + "\" } }, split: { validation: 20%, test: 25% }, inputs: "
                + inputs
                + " }\nmodel: { pretrained: \""
                + model()
                + "\" }\n"
                + "budget: { time: 60s }\ntrain: { steps: 60, batch: 16, optimizer: adamw, learning-rate: 0.02, precision: fp32 }\n"
                + rest);
    Cli.run("run", recipe, "--out", folder.resolve("run"), "--json").succeeds();
    return Json.read(folder.resolve("run/evaluation.json"));
  }

  private static String noun(Random random) {
    return NOUNS.get(random.nextInt(NOUNS.size()));
  }

  private static double value(JsonNode evaluation, String metric) {
    for (JsonNode row : evaluation.path("metrics")) {
      if (row.path("name").asString("").equals(metric)) {
        return row.path("value").asDouble();
      }
    }
    throw new AssertionError("no " + metric + " in " + evaluation);
  }

  private JsonNode predict(String input) {
    return Cli.run("predict", folder.resolve("run"), "--input", input, "--json")
        .succeeds()
        .json()
        .path("predictions")
        .path(0);
  }

  /** What a script prints; skipped where SLIPWAY_PYTHON names no Python with transformers. */
  private static JsonNode python(String script, String... arguments)
      throws IOException, InterruptedException {
    String python = System.getenv("SLIPWAY_PYTHON");
    assumeTrue(python != null, "SLIPWAY_PYTHON names no Python with transformers");
    List<String> command = new ArrayList<>(List.of(python, "-c", script));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    return Json.parse(printed, "what Python printed");
  }

  @Test
  void textsByLowRankMatricesOpenInTransformers() throws Exception {
    JsonNode evaluation =
        run(
            random -> {
              boolean fresh = random.nextBoolean();
              return Json.object()
                  .put(
                      "text",
                      "the "
                          + noun(random)
                          + " is "
                          + (fresh ? "new" : "old")
                          + " , "
                          + noun(random))
                  .put("label", fresh ? "fresh" : "stale");
            },
            "task: { binary: label }\ntune: { lora: { rank: 4 } }\n"
                + "evaluate: [ metrics, { cross-validation: { folds: 3 } } ]\n");
    assertThat(value(evaluation, "accuracy")).isGreaterThan(0.9);
    JsonNode folds = evaluation.at("/cross_validation/folds");
    assertThat(folds.size()).isEqualTo(3);
    JsonNode config = Json.read(folder.resolve("run/model/config.json"));
    assertThat(config.path("architectures").path(0).asString())
        .isEqualTo("BertForSequenceClassification");
    assertThat(config.path("id2label").path("1").asString()).isEqualTo("stale");
    String text = "the keel is old , sail";
    JsonNode answer = predict(Json.line(Json.object().put("text", text)));
    JsonNode theirs =
        python(
            """
            import json, sys, torch
            from transformers import AutoModelForSequenceClassification, AutoTokenizer
            tokenizer = AutoTokenizer.from_pretrained(sys.argv[1])
            model = AutoModelForSequenceClassification.from_pretrained(sys.argv[1]).eval()
            with torch.no_grad():
                print(json.dumps(model(**tokenizer(sys.argv[2], return_tensors="pt")).logits.softmax(-1)[0].tolist()))
            """,
            folder.resolve("run/model").toString(),
            text);
    int told = answer.path("label").asString().equals("stale") ? 1 : 0;
    assertThat(answer.path("probability").asDouble())
        .isCloseTo(theirs.get(told).asDouble(), within(1e-5));
  }

  private static Line freshOrStale() {
    return random -> {
      boolean fresh = random.nextBoolean();
      return Json.object()
          .put(
              "text",
              "the " + noun(random) + " is " + (fresh ? "new" : "old") + " , " + noun(random))
          .put("label", fresh ? "fresh" : "stale");
    };
  }

  /** Each is learnt, and the folder that is written answers as what was learnt. */
  @ParameterizedTest
  @ValueSource(
      strings = {"{ houlsby: { size: 8 } }", "{ lora: { rank: 4, decomposed: true } }", "bitfit"})
  void textsByOtherMethods(String tune) {
    JsonNode evaluation = run(freshOrStale(), "task: { binary: label }\ntune: " + tune + "\n");
    assertThat(value(evaluation, "accuracy")).isGreaterThan(0.9);
    boolean beside = tune.contains("size");
    assertThat(folder.resolve("run/model/adapter_config.json").toFile().exists()).isEqualTo(beside);
    assertThat(
            predict(Json.line(Json.object().put("text", "the keel is old , sail")))
                .path("label")
                .asString())
        .isEqualTo("stale");
    assertThat(
            predict(Json.line(Json.object().put("text", "the keel is new , sail")))
                .path("label")
                .asString())
        .isEqualTo("fresh");
    if (beside) {
      Cli.run("embed", folder.resolve("run"), "--text", folder.resolve("data.jsonl"))
          .fails(3, "model.adapter", "has an adapter beside the model");
    }
  }

  /** Without them it would answer something else, and nobody would notice. */
  @Test
  void transformersRefusesSmallNetworksBesideAModel() throws Exception {
    run(freshOrStale(), "task: { binary: label }\ntune: { pfeiffer: { size: 8 } }\n");
    JsonNode told =
        python(
            """
            import json, sys
            from transformers import AutoModelForSequenceClassification
            try:
                AutoModelForSequenceClassification.from_pretrained(sys.argv[1])
                print(json.dumps("opened"))
            except Exception as e:
                print(json.dumps("refused"))
            """,
            folder.resolve("run/model").toString());
    assertThat(told.asString()).isEqualTo("refused");
  }

  @Test
  void tagsOfWordsAreThoseOfTheirFirstTokens() throws Exception {
    JsonNode evaluation =
        run(
            random -> {
              ObjectNode line = Json.object();
              line.set(
                  "text",
                  Json.tree(
                      List.of(
                          "the",
                          noun(random),
                          List.of("launched", "building", "launching").get(random.nextInt(3)),
                          "a",
                          noun(random))));
              line.set("tags", Json.tree(List.of("D", "N", "V", "D", "N")));
              return line;
            },
            "task: { tagging: { target: tags, tokens: text } }\n"
                + "tune: { full: { freeze: [ bert.embeddings.* ] } }\n");
    assertThat(value(evaluation, "token-accuracy")).isGreaterThan(0.95);
    JsonNode tags = predict("{\"text\": [\"a\", \"ship\", \"launching\"]}").path("tags");
    assertThat(tags.size()).isEqualTo(3);
    JsonNode theirs =
        python(
            """
            import json, sys, torch
            from transformers import AutoModelForTokenClassification, AutoTokenizer
            tokenizer = AutoTokenizer.from_pretrained(sys.argv[1])
            model = AutoModelForTokenClassification.from_pretrained(sys.argv[1]).eval()
            given = tokenizer([sys.argv[2].split()], is_split_into_words=True, return_tensors="pt")
            with torch.no_grad():
                shares = model(**given).logits.softmax(-1)[0]
            words = given.word_ids()
            print(json.dumps([shares[words.index(word)].max().item() for word in range(3)]))
            """,
            folder.resolve("run/model").toString(),
            "a ship launching");
    for (int word = 0; word < 3; word++) {
      assertThat(tags.get(word).path("probability").asDouble())
          .isCloseTo(theirs.get(word).asDouble(), within(1e-5));
    }
  }

  @Test
  void answersThatStandInTextsAreFoundInWindows() {
    JsonNode evaluation =
        run(
            random -> {
              String noun = noun(random);
              String context =
                  "the slip and the way was a slip way , the slip way was "
                      + "a way , ".repeat(random.nextInt(3))
                      + "the "
                      + noun
                      + " is "
                      + (random.nextBoolean() ? "new" : "old");
              return Json.object()
                  .put("question", "is the " + noun)
                  .put("context", context)
                  .put("answers", noun)
                  .put("start", context.indexOf(noun));
            },
            "[ { tokens: { field: question, pair: context, length: 18, stride: 6 } } ]",
            "task: { span-answering: { start: start, longest: 2 } }\n");
    assertThat(value(evaluation, "f1")).isGreaterThan(0.8);
    JsonNode answer =
        predict("{\"question\": \"is the keel\", \"context\": \"a slip way , the keel is old\"}");
    assertThat(answer.path("start").asInt()).isNotNegative();
    assertThat("a slip way , the keel is old").contains(answer.path("answer").asString());
  }

  @Test
  void pairsMakeAFolderThatSentenceTransformersOpens() throws Exception {
    JsonNode evaluation =
        run(
            random -> {
              String noun = noun(random);
              return Json.object()
                  .put("query", "a " + noun + " and " + noun(random))
                  .put("text", "the " + noun + " was " + "new ".repeat(random.nextInt(4)));
            },
            "task: { contrastive: { anchor: query, positive: text } }\n");
    assertThat(value(evaluation, "recall@10")).isGreaterThan(0.9);
    Path texts = TinyRun.write(folder.resolve("texts.txt"), "the ship was new\na keel\n");
    JsonNode ours =
        Cli.run("embed", folder.resolve("run"), "--text", texts, "--json")
            .succeeds()
            .json()
            .path("embeddings");
    assertThat(ours.size()).isEqualTo(2);
    JsonNode theirs =
        python(
            """
            import json, sys
            from sentence_transformers import SentenceTransformer
            print(json.dumps(SentenceTransformer(sys.argv[1], device="cpu").encode(sys.argv[2:]).tolist()))
            """,
            folder.resolve("run/model").toString(),
            "the ship was new",
            "a keel");
    for (int text = 0; text < 2; text++) {
      for (int i = 0; i < theirs.get(text).size(); i++) {
        assertThat(ours.get(text).get(i).asDouble())
            .isCloseTo(theirs.get(text).get(i).asDouble(), within(1e-5));
      }
    }
  }

  @Test
  void whatDoesNotFitIsRefused() {
    Path data =
        TinyRun.write(
            folder.resolve("d.jsonl"),
            "{\"text\":\"a\",\"label\":\"x\"}\n{\"text\":\"b\",\"label\":\"y\"}\n{\"text\":\"c\",\"label\":\"x\"}\n{\"text\":\"d\",\"label\":\"y\"}\n");
    String begin =
        "name: tiny\nmodel: { pretrained: \"" + model() + "\" }\ntask: { binary: label }\n";
    Path tooLong =
        TinyRun.write(
            folder.resolve("long.yaml"),
            begin
                + "data: { source: { records: { path: \""
                + data
                + "\" } }, split: { validation: 25%, test: 25% }, inputs: [ { tokens: { length: 64 } } ] }\n");
    Cli.run("plan", tooLong).fails(2, "model.too-long", "at most 20");
    Path words =
        TinyRun.write(
            folder.resolve("words.yaml"),
            begin
                + "data: { source: { records: { path: \""
                + data
                + "\" } }, split: { validation: 25%, test: 25% }, inputs: [ { words: { length: 9 } } ] }\n");
    Cli.run("plan", words).fails(2, "model.encoder-inputs", "tokens");
  }
}
