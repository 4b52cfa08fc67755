package dev.slipway.platform.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.base.Json;
import dev.slipway.infer.LanguageModel;
import dev.slipway.infer.evaluate.Asking;
import dev.slipway.infer.evaluate.EvalTask;
import dev.slipway.infer.evaluate.Evaluator;
import dev.slipway.infer.evaluate.TaskResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * lm-evaluation-harness as a client ({@code local-completions}): what it finds by asking the
 * service is what Slipway's own evaluation of the same model finds.
 */
class LmEvalTest {
  private static final Path INSTALLED = Path.of("target/clients/lm-eval").toAbsolutePath();
  private static final Path REQUIREMENTS =
      Path.of("../reference/lm-eval-client-requirements.txt").toAbsolutePath();
  private static final Path ITEMS =
      Path.of("../core/src/test/resources/dev/slipway/infer/evaluate/items.jsonl")
          .toAbsolutePath()
          .normalize();

  private static final String HARNESS =
      """
      task: %s
      dataset_path: json
      dataset_kwargs: {data_files: {test: %s}}
      test_split: test
      output_type: %s
      %s
      """;

  /** The tasks as the harness reads them. */
  private static final Map<String, String> ASKED =
      Map.of(
          "choice",
          HARNESS.formatted(
              "choice",
              ITEMS,
              "multiple_choice",
              """
              doc_to_text: "Question: {{question}}\\nAnswer:"
              doc_to_choice: "{{options}}"
              doc_to_target: label
              metric_list:
                - {metric: acc, aggregation: mean, higher_is_better: true}
                - {metric: acc_norm, aggregation: mean, higher_is_better: true}
                - {metric: acc_bytes, aggregation: mean, higher_is_better: true}
              """),
          "likelihood",
          HARNESS.formatted(
              "likelihood",
              ITEMS,
              "loglikelihood",
              """
              doc_to_text: "{{question}}"
              doc_to_target: "{{next}}"
              target_delimiter: ""
              metric_list: [{metric: acc}, {metric: perplexity}]
              """),
          "generate",
          HARNESS.formatted(
              "generate",
              ITEMS,
              "generate_until",
              """
              doc_to_text: "{{question}} "
              doc_to_target: "{{goal}}"
              generation_kwargs: {until: [" the", "\\n\\n"], do_sample: false, max_gen_toks: 12}
              metric_list: [{metric: exact_match, aggregation: mean, higher_is_better: true}]
              """));

  /** The same in Slipway's own documents. */
  private static final Map<String, String> OWN =
      Map.of(
          "choice",
          """
          prompt: "Question: {{question}}\\nAnswer:"
          choices-from: options
          answer: "{{label}}"
          """,
          "likelihood",
          """
          kind: likelihood
          prompt: "{{question}}"
          answer: "{{next}}"
          delimiter: ""
          """,
          "generate",
          """
          prompt: "{{question}} "
          answer: "{{goal}}"
          generate: {until: [" the", "\\n\\n"], max-tokens: 12}
          """);

  @TempDir Path folder;

  @Test
  void theHarnessFindsByAskingWhatSlipwayFindsItself() throws Exception {
    Path harness = installed();
    Path tasks = Files.createDirectory(folder.resolve("tasks"));
    for (Map.Entry<String, String> task : ASKED.entrySet()) {
      Files.writeString(tasks.resolve(task.getKey() + ".yaml"), task.getValue());
    }
    Path model = folder.resolve("model");
    Path results = folder.resolve("results");
    try (ModelServer server =
        TinyModel.serve(folder, ServeOptions.DEFAULT.withPort(0), List.of())) {
      server.awaitReady();
      Programs.run(
          folder,
          "/usr/bin/env",
          "HF_HUB_OFFLINE=1",
          "HF_DATASETS_OFFLINE=1",
          "HF_HOME=" + folder.resolve("hf"),
          "bash",
          "-c",
          command()
                  .replace("lm_eval ", harness + " ")
                  .replace("http://127.0.0.1:8080", server.address().toString())
                  .replace("model=NAME", "model=tiny,num_concurrent=3")
                  .replace("tokenizer=MODEL", "tokenizer=" + model)
                  .replace("arc_easy", String.join(",", ASKED.keySet()))
              + " --log_samples --include_path "
              + tasks
              + " --output_path "
              + results);
    }
    JsonNode said = Json.read(found(results, "results_"));
    try (LanguageModel opened = LanguageModel.open(model)) {
      Evaluator evaluator = new Evaluator(opened, model, Asking.PLAIN);
      for (Map.Entry<String, String> task : OWN.entrySet()) {
        String name = task.getKey();
        String document = "name: " + name + "\ndata: " + ITEMS + "\n" + task.getValue();
        compare(
            evaluator.run(EvalTask.parse(document, name).seenFrom(folder), share -> {}),
            said.path("results").path(name),
            samples(found(results, "samples_" + name + "_")));
      }
    }
  }

  /** That of the page, which sends several prompts a request, as token ids. */
  private static String command() throws IOException {
    Matcher block =
        Pattern.compile("^```shell\\n(.*?)\\n```$", Pattern.DOTALL | Pattern.MULTILINE)
            .matcher(Files.readString(Path.of("../docs/serve.md")));
    assertThat(block.find()).isTrue();
    return block.group(1);
  }

  private static void compare(TaskResult own, JsonNode metrics, List<JsonNode> samples) {
    int compared = 0;
    for (TaskResult.Figure figure : own.figures()) {
      JsonNode value = metrics.path(figure.metric().label() + ",none");
      if (!value.isMissingNode()) {
        double wanted = value.asDouble();
        assertThat(figure.interval().estimate())
            .as(own.task() + " " + figure.metric().label())
            .isCloseTo(wanted, within(figure.metric().isShare() ? 1e-12 : 1e-4 * wanted));
        compared++;
      }
    }
    assertThat(compared).as(own.task() + ": metrics that both have").isPositive();
    assertThat(samples).hasSameSizeAs(own.scores());
    for (int i = 0; i < samples.size(); i++) {
      JsonNode given = samples.get(i).path("resps");
      String where = own.task() + ", item " + i;
      if (own.kind() == EvalTask.Kind.GENERATE) {
        assertThat(own.scores().get(i).generated())
            .as(where)
            .isEqualTo(given.get(0).get(0).asString());
        continue;
      }
      for (int c = 0; c < given.size(); c++) {
        double wanted = Double.parseDouble(given.get(c).get(0).get(0).asString());
        assertThat(own.scores().get(i).loglikelihoods().get(c))
            .as(where)
            .isCloseTo(wanted, within(1e-4 * Math.max(1, Math.abs(wanted) / 100)));
      }
    }
  }

  /** Of each item, in their order. */
  private static List<JsonNode> samples(Path file) throws IOException {
    List<JsonNode> samples = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      samples.add(Json.parse(line, "sample"));
    }
    samples.sort(Comparator.comparingInt(sample -> sample.path("doc_id").asInt()));
    return samples;
  }

  private static Path found(Path results, String prefix) throws IOException {
    try (Stream<Path> files = Files.walk(results)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(prefix))
          .findFirst()
          .orElseThrow();
    }
  }

  /** The harness' program, installed into an environment of its own. */
  private static Path installed() throws Exception {
    Path program = INSTALLED.resolve("bin/lm_eval");
    Path done = INSTALLED.resolve("requirements.txt");
    String wanted = Files.readString(REQUIREMENTS);
    if (!Files.exists(done) || !Files.readString(done).equals(wanted)) {
      String named = System.getenv("SLIPWAY_PYTHON");
      String python = named == null ? "python3" : named;
      if (named == null) {
        Programs.requireProgram(python);
      }
      Path place = Files.createDirectories(INSTALLED);
      Programs.install(place, python, "-m", "venv", ".");
      Programs.install(
          place,
          place.resolve("bin/pip").toString(),
          "install",
          "--quiet",
          "--no-compile",
          "-r",
          REQUIREMENTS.toString());
      Files.writeString(done, wanted);
    }
    return program;
  }
}
