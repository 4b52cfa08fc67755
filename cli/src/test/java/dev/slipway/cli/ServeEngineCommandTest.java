package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.base.Json;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/** {@code serve --speculate}, {@code --quantize} and {@code --dtype} as processes. */
@Timeout(300)
class ServeEngineCommandTest {
  @TempDir Path temp;

  /** Six requests that are asked at once, the second half of them drawn by seeds. */
  private static List<ObjectNode> requests() {
    List<ObjectNode> requests = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      requests.add(
          Json.object()
              .put("prompt", "a b c a b c " + "d e ".repeat(i))
              .put("max_tokens", 24)
              .put("temperature", i < 3 ? 0 : 0.9)
              .put("seed", i)
              .put("logprobs", 2));
    }
    return requests;
  }

  /**
   * What a service answered.
   *
   * @param choices with the log-probabilities of each token
   */
  private record Told(List<String> choices, long drafted, long accepted) {}

  private static Told told(Object... arguments) throws Exception {
    try (ServedProcess served = new ServedProcess(arguments)) {
      List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
      requests().forEach(request -> answers.add(served.send("/v1/completions", request)));
      List<String> choices = new ArrayList<>();
      for (CompletableFuture<HttpResponse<String>> answer : answers) {
        HttpResponse<String> response = answer.get();
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        choices.add(Json.line(Json.parse(response.body(), "answer").path("choices")));
      }
      String metrics = served.get("/metrics");
      return new Told(
          choices,
          counted(metrics, "vllm:spec_decode_num_draft_tokens_total"),
          counted(metrics, "vllm:spec_decode_num_accepted_tokens_total"));
    }
  }

  private static long counted(String metrics, String name) {
    Matcher found =
        Pattern.compile("^" + name + "\\{[^}]*} (\\S+)$", Pattern.MULTILINE).matcher(metrics);
    assertThat(found.find()).as(name).isTrue();
    return (long) Double.parseDouble(found.group(1));
  }

  private static Path published(String name) {
    return Cli.root().resolve("core/src/test/resources/dev/slipway/model/published/" + name);
  }

  @Test
  void speculationChangesNoByteOfGreedyAndSeededAnswersAndQuantizedWeightsAnswer()
      throws Exception {
    Path llama = published("llama");
    Told plain = told(llama);
    assertThat(plain.drafted).isZero();
    assertThat(plain.choices).doesNotHaveDuplicates();
    Told ngram = told(llama, "--speculate", "ngram");
    assertThat(ngram.choices).isEqualTo(plain.choices);
    assertThat(ngram.drafted).isPositive();
    Told model = told(llama, "--speculate", llama);
    assertThat(model.choices).isEqualTo(plain.choices);
    // Only the guess that an answer ends with is not followed by another.
    assertThat(model.accepted).isPositive().isGreaterThanOrEqualTo(model.drafted - 6);
    Told bytes = told(llama, "--quantize", "int8");
    Told halves = told(llama, "--dtype", "bfloat16", "--quantize", "int4", "--speculate", "ngram");
    assertThat(List.of(plain.choices, bytes.choices, halves.choices)).doesNotHaveDuplicates();
  }

  /** Four blocks, so that the six wait for each other and are set back. */
  @Test
  void aSmallCacheChangesNoByte() throws Exception {
    Path llama = published("llama");
    assertThat(told(llama, "--kv-cache-tokens", 64).choices).isEqualTo(told(llama).choices);
    try (ServedProcess served = new ServedProcess(llama, "--kv-cache-tokens", 64)) {
      assertThat(served.get("/metrics")).contains("num_gpu_blocks=\"4\"");
    }
    Cli.run("serve", llama, "--port", 0, "--kv-cache-tokens", -1)
        .fails(2, "serve.option", "the cache has room for -1 tokens");
    Cli.run("serve", llama, "--port", 0, "--kv-cache-tokens", 1_000_000_000_000L)
        .fails(4, "memory.cache", "keys and values of 1000000000000 tokens take ");
  }

  @Test
  void whatLanguageModelsAloneHaveIsRefusedForOthers() {
    Path encoder = published("llama").resolveSibling("../pretrained/sentence-mean").normalize();
    Cli.run("serve", encoder, "--port", 0, "--kv-cache-tokens", 64)
        .fails(2, "serve.option", "is no language model", "--kv-cache-tokens");
    Cli.run("serve", encoder, "--port", 0, "--kv-cache-dtype", "int8")
        .fails(2, "serve.option", "is no language model", "--kv-cache-dtype");
  }

  @Test
  void whatCantGuessIsRefusedBeforeAnythingAnswers() throws IOException {
    Path llama = published("llama");
    Path gpt2 = published("gpt2");
    Cli.run("serve", llama, "--port", 0, "--speculate", gpt2)
        .fails(2, "serve.speculate", "another tokenizer");
    Cli.run("serve", gpt2, "--port", 0, "--speculate", "ngram")
        .fails(2, "serve.speculate", "expected a model of Llama's form");
    Cli.run("serve", gpt2, "--port", 0, "--quantize", "int8")
        .fails(2, "model.quantize", "without an adapter");
    Cli.run("serve", llama, "--port", 0, "--quantize", "int2")
        .fails(2, "model.quantize", "expected none, int8 or int4");
    Cli.run("serve", llama, "--port", 0, "--speculate", temp.resolve("none"))
        .fails(3, "model.missing", "none");
  }
}
