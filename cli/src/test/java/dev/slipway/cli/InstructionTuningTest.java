package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.base.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A model of Slipway's own learns to answer, and answers by the template that it learnt with. */
class InstructionTuningTest {
  private static final String LORA = "{ lora: { rank: 8 } }";
  private static final String ANSWER = "index";

  @TempDir private Path temp;

  /** All have the same answer, which a tiny network learns soon; every tenth is too long. */
  private Path conversations() {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 160; i++) {
      // Splits go by content, which therefore must differ.
      String question = i + " alpha";
      String answer = ANSWER + (i % 10 == 9 ? " value".repeat(40) : "");
      lines
          .append(Json.line(Json.object().put("prompt", question).put("completion", answer)))
          .append('\n');
    }
    return TinyRun.write(temp.resolve("conversations.jsonl"), lines.toString());
  }

  private Path recipe(String tune, String task, Path data, int steps) {
    return recipe(tune, task, data, steps, 0.005);
  }

  private Path recipe(String tune, String task, Path data, int steps, double rate) {
    return TinyRun.write(
        temp.resolve("recipe.yaml"),
        """
        name: assistant
        budget: { time: 60s }
        data:
          source: { conversations: { path: "%s" } }
          deduplicate: none
          split: { validation: 15%%, test: 25%% }
        model: { pretrained: { path: "%s", context: 32 } }
        tune: %s
        task: { instruction-tuning: %s }
        train:
          steps: %d
          batch: 4
          accumulate: 2
          precision: fp32
          learning-rate: %s
          validate: { every: 4 steps, batches: 2 }
          checkpoint: { every: 10ms, keep: 300 }
        """
            .formatted(data, TinyRun.finished(), tune, task, steps, rate));
  }

  @ParameterizedTest
  @ValueSource(strings = {"full", LORA})
  void aResumedTuningEndsWithTheSameBytesAndTellsWhatItForgot(String tune) throws IOException {
    Path run = temp.resolve("run");
    Cli.Result result =
        Cli.run("run", recipe(tune, "{}", conversations(), 20), "--out", run, "--json").succeeds();
    JsonNode evaluation = result.json().path("evaluation");
    double after = evaluation.at("/metrics/bitsPerByte/estimate").asDouble();
    double before = evaluation.at("/yardsticks/0/bitsPerByte").asDouble();
    assertThat(after).isPositive().isNotEqualTo(before);
    if (tune.equals("full")) { // an adapter of a network that knows next to nothing learns little
      assertThat(after).isLessThan(before);
    }
    assertThat(evaluation.at("/retention/0/before").asDouble()).isPositive();
    assertThat(evaluation.at("/retention/0/after").asDouble())
        .isPositive()
        .isNotEqualTo(evaluation.at("/retention/0/before").asDouble());
    assertThat(Files.readString(run.resolve("report.html"))).contains("What it was not tuned for");
    assertThat(result.err())
        .contains("first batch:", "<|endoftext|>|", "+ |")
        .contains("records left out");
    String events = Files.readString(run.resolve("events.jsonl"));
    assertThat(events).contains("\"event\":\"first_batch\"", "\"learnt\":true");
    Path weights =
        run.resolve(
            tune.equals("full") ? "model/model.safetensors" : "model/adapter_model.safetensors");
    byte[] undisturbed = Files.readAllBytes(weights);
    for (String gone :
        List.of("model", "actual.json", "report.html", "evaluation.json", "ledger.parquet")) {
      delete(run.resolve(gone));
    }
    try (Stream<Path> checkpoints = Files.list(run.resolve("checkpoints"))) {
      for (Path checkpoint : checkpoints.toList()) {
        String name = String.valueOf(checkpoint.getFileName());
        if (name.startsWith("step-") && Long.parseLong(name.substring(5)) > 5) {
          delete(checkpoint);
        }
      }
    }
    Cli.run("resume", run, "--json").succeeds();
    assertThat(Files.readAllBytes(weights)).isEqualTo(undisturbed);
  }

  @Test
  void whatWasLearntIsAnsweredByTheTemplateThatItWasLearntWith() throws Exception {
    Path run = temp.resolve("run");
    Cli.run("run", recipe("full", "{}", conversations(), 60, 0.01), "--out", run, "--json")
        .succeeds();
    try (ServedProcess served = new ServedProcess(run)) {
      JsonNode choice = answer(served, "7 alpha").at("/choices/0");
      assertThat(choice.at("/message/content").asString()).isEqualTo(ANSWER);
      assertThat(choice.path("finish_reason").asString()).isEqualTo("stop");
    }
  }

  @Test
  void anAdapterBringsTheTemplateThatItsModelDoesNotHave() throws Exception {
    Path run = temp.resolve("run");
    Cli.run("run", recipe(LORA, "{}", conversations(), 2), "--out", run, "--json").succeeds();
    assertThat(TinyRun.finished().resolve("model/chat_template.jinja")).doesNotExist();
    long length;
    try (ServedProcess served = new ServedProcess(run)) {
      length = answer(served, "7 alpha").at("/usage/prompt_tokens").asLong();
    }
    Path merged = temp.resolve("merged");
    Cli.run("merge", run, "--out", merged, "--json").succeeds();
    Path messages =
        TinyRun.write(
            temp.resolve("messages.json"),
            "{\"messages\": [{\"role\": \"user\", \"content\": \"7 alpha\"}],"
                + " \"chat_template_kwargs\": {\"add_generation_prompt\": true}}");
    JsonNode tokens =
        Cli.run("tokenize", merged, "--messages", messages, "--json").succeeds().json();
    assertThat(tokens.path("text").asString())
        .isEqualTo("<|endoftext|>### user\n7 alpha\n### assistant\n");
    assertThat(tokens.path("ids").size()).isEqualTo(length);
  }

  private static JsonNode answer(ServedProcess served, String question) {
    ObjectNode body = Json.object().put("max_tokens", 4).put("temperature", 0);
    body.putArray("messages").addObject().put("role", "user").put("content", question);
    return served.post("/v1/chat/completions", body);
  }

  @Test
  void methodsAreComparedByWhatTheyCostAndWhatTheyForgot() throws IOException {
    Path items = temp.resolve("items.jsonl");
    Files.writeString(items, "{\"q\": \"alpha\", \"a\": \" beta\"}\n".repeat(3));
    Path task =
        TinyRun.write(
            temp.resolve("task.yaml"),
            "name: words\ndata: \"%s\"\nprompt: \"{{ q }}\"\nanswer: \"{{ a }}\"\nkind: likelihood\n"
                .formatted(items));
    Path runs = temp.resolve("runs");
    for (String[] method : new String[][] {{"whole", "full"}, {"part", LORA}}) {
      JsonNode retention =
          Cli.run(
                  "run",
                  recipe(method[1], "{}", conversations(), 3),
                  "--set",
                  "evaluate=[{ tasks: { files: [\"" + task + "\"] } }]",
                  "--out",
                  runs.resolve(method[0]),
                  "--json")
              .succeeds()
              .json()
              .at("/evaluation/retention");
      assertThat(retention.at("/1/what").asString()).isEqualTo("words");
      assertThat(retention.at("/1/examples").asInt()).isEqualTo(3);
    }
    String told = Cli.run("runs", "compare", "whole", "part", "--runs", runs).succeeds().out();
    assertThat(told)
        .contains("tune", "peakMemory", "retention.words.difference", "seconds.train")
        .containsPattern("parameters +38,");
    assertThat(Cli.run("runs", "--runs", runs).succeeds().out())
        .contains("finished")
        .doesNotContain("damaged");
  }

  @Test
  void columnsThatDoNotFitAreRefusedWithTheLineThatMapsThem() throws IOException {
    Path other =
        TinyRun.write(
            temp.resolve("other.jsonl"),
            "{\"question\": \"alpha\", \"response\": \"index\"}\n".repeat(20));
    String told =
        Cli.run("plan", recipe(LORA, "{}", other, 4))
            .fails(
                3,
                "data.columns",
                "question, response",
                "add `data.source.conversations.format: {prompt-completion: {prompt: question, completion: response}}` to the recipe")
            .err();
    assertThat(told).doesNotContain("\tat ");
    String recipe =
        Files.readString(recipe(LORA, "{}", other, 4))
            .replace(
                "conversations: { path: \"" + other + "\" }",
                "conversations: { path: \""
                    + other
                    + "\", format: {prompt-completion: {prompt: question, completion: response}} }");
    Cli.run("plan", TinyRun.write(temp.resolve("mapped.yaml"), recipe)).succeeds();
  }

  @Test
  void aTemplateThatBeginsTwiceIsRefusedOnceTheFirstBatchIsShown() {
    Path template =
        TinyRun.write(
            temp.resolve("template.jinja"),
            "{{ bos_token }}{{ bos_token }}{% for m in messages %}{{ m.content }}\n{% endfor %}");
    Cli.Result refused =
        Cli.run(
                "run",
                recipe(
                    LORA,
                    "{ template: { file: { path: \"" + template + "\" } } }",
                    conversations(),
                    4),
                "--out",
                temp.resolve("twice"))
            .fails(
                3,
                "data.doubled-bos",
                "row 1 of the first batch, ",
                "its tokens 1 and 2 are both <|endoftext|>");
    assertThat(refused.err()).contains("first batch:", "|<|endoftext|>|<|endoftext|>|");
  }

  @Test
  void conversationsAreForTuningAndTuningIsForConversations() {
    Path data = conversations();
    Path text = TinyRun.text(temp.resolve("text.txt"), 2);
    Path recipe = recipe(LORA, "{}", data, 4);
    Cli.run("plan", recipe, "--set", "task=language-modelling")
        .fails(2, "recipe.invalid", "instruction-tuning");
    Cli.run("plan", recipe, "--set", "data.source={text: {path: " + text + "}}")
        .fails(2, "recipe.invalid", "conversations");
  }

  private static void delete(Path path) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    try (Stream<Path> inside = Files.walk(path)) {
      for (Path one : inside.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(one);
      }
    }
  }
}
