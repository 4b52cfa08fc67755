package dev.slipway.infer.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.base.Json;
import dev.slipway.eval.compare.Comparison;
import dev.slipway.infer.LanguageModel;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** The numbers of lm-evaluation-harness, by {@code reference/lm_eval_tasks.py}. */
class EvaluatorTest {
  private static final Path FOLDER = resource("/dev/slipway/infer/evaluate");
  private static final JsonNode EXPECTED = Json.read(FOLDER.resolve("expected.json"));

  private static final String CHOICE =
      """
      data: items.jsonl
      prompt: "Question: {{question}}\\nAnswer:"
      choices-from: options
      answer: "{{label}}"
      """;
  private static final String GENERATE =
      """
      data: items.jsonl
      prompt: "{{question}} "
      generate: {until: [" the", "\\n\\n"], max-tokens: 12}
      """;

  /** The tasks of the reference in Slipway's own documents. */
  private static final Map<String, String> TASKS =
      new LinkedHashMap<>(
          Map.of(
              "choice", CHOICE,
              "choice-spaced",
                  """
                  data: items.jsonl
                  prompt: "{{question}} so "
                  choices: ["{{options[0]}}", "{{options[1]}}", "{{options[2]}}", "{{options[3]}}"]
                  answer: "{{label}}"
                  delimiter: ""
                  """,
              "choice-few",
                  CHOICE + "description: \"Choose.\\n\\n\"\nshots: {count: 3, data: shots.jsonl}",
              "choice-own", CHOICE + "shots: {count: 2, separator: \"\\n\"}",
              "choice-first", CHOICE + "shots: {count: 1, data: shots.jsonl, choice: first}",
              "likelihood",
                  """
                  data: items.jsonl
                  kind: likelihood
                  prompt: "{{question}}"
                  answer: "{{next}}"
                  delimiter: ""
                  """,
              "generate", GENERATE + "answer: \"{{goal}}\"",
              "generate-few",
                  GENERATE + "answer: \"{{goal}}\"\nshots: {count: 2, data: shots.jsonl}",
              "generate-loose",
                  GENERATE
                      + """
                      answers-from: others
                      match:
                        ignore-case: true
                        ignore-punctuation: true
                        regexes-to-ignore: ["^\\\\s+", "(?<=^\\\\w{3}).*"]
                      """,
              "text", "{data: texts.jsonl, text: \"{{text}}\"}"));

  private static final String INPUTS =
      """
      data: items.jsonl
      choices-from: options
      continuation: "{{question}}"
      answer: "{{label}}"
      """;

  static {
    TASKS.put("inputs", INPUTS + "delimiter: \", \"");
    TASKS.put("inputs-few", INPUTS + "shots: {count: 2, data: shots.jsonl}");
    TASKS.put("targets", CHOICE.replace("answer: \"{{label}}\"", "answers-from: rights"));
  }

  private static Path resource(String name) {
    try {
      return Path.of(Objects.requireNonNull(EvaluatorTest.class.getResource(name), name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static EvalTask task(String name) {
    String yaml = Objects.requireNonNull(TASKS.get(name));
    String named =
        yaml.startsWith("{")
            ? yaml.replace("{data", "{name: " + name + ", data")
            : "name: " + name + "\n" + yaml;
    return EvalTask.parse(named, name).seenFrom(FOLDER);
  }

  private static TaskResult run(String model, EvalTask task, Asking asking) {
    Path folder = resource("/dev/slipway/model/published/" + model);
    try (LanguageModel opened = LanguageModel.open(folder)) {
      return new Evaluator(opened, folder, asking).run(task, share -> {});
    }
  }

  private static void compare(TaskResult result, JsonNode expected) {
    JsonNode samples = expected.path("samples");
    assertThat(result.scores()).hasSize(samples.size());
    List<Metric> metrics = Metric.of(result.kind());
    for (int i = 0; i < samples.size(); i++) {
      ItemScore score = result.scores().get(i);
      JsonNode sample = samples.get(i);
      String where = result.task() + ", item " + i;
      if (result.kind() == EvalTask.Kind.GENERATE) {
        assertThat(score.generated()).as(where).isEqualTo(sample.path("generated").asString());
      } else {
        JsonNode likelihoods = sample.path("loglikelihoods");
        assertThat(score.loglikelihoods()).as(where).hasSize(likelihoods.size());
        for (int c = 0; c < likelihoods.size(); c++) {
          double value = likelihoods.get(c).asDouble();
          assertThat(score.loglikelihoods().get(c))
              .as(where)
              .isCloseTo(value, within(1e-4 * Math.max(1, Math.abs(value) / 100)));
        }
      }
      for (int m = 0; m < metrics.size(); m++) {
        if (metrics.get(m).isShare()) {
          assertThat(score.figures().get(m))
              .as(where + " " + metrics.get(m).label())
              .isEqualTo(sample.path(metrics.get(m).label()).asDouble(-1));
        }
      }
    }
    int compared = 0;
    for (TaskResult.Figure figure : result.figures()) {
      JsonNode value = expected.path("metrics").path(figure.metric().label());
      if (!value.isMissingNode()) {
        double wanted = value.asDouble();
        assertThat(figure.interval().estimate())
            .as(result.task() + " " + figure.metric().label())
            .isCloseTo(wanted, within(1e-4 * Math.max(1, wanted)));
        assertThat(figure.interval().low()).isLessThanOrEqualTo(figure.interval().estimate());
        assertThat(figure.interval().high()).isGreaterThanOrEqualTo(figure.interval().estimate());
        compared++;
      }
      JsonNode stderr = expected.path("metrics").path(figure.metric().label() + "_stderr");
      if (figure.metric().isShare() && stderr.isNumber()) {
        assertThat(figure.stderr()).isCloseTo(stderr.asDouble(), within(1e-12));
      }
    }
    assertThat(compared).as("metrics that the harness has too").isPositive();
  }

  @ParameterizedTest
  @CsvSource({
    "llama, choice",
    "llama, choice-spaced",
    "llama, choice-few",
    "llama, choice-own",
    "llama, choice-first",
    "llama, inputs",
    "llama, inputs-few",
    "llama, targets",
    "llama, likelihood",
    "llama, generate",
    "llama, generate-few",
    "llama, generate-loose",
    "llama, text",
    "gpt2, choice",
    "gpt2, choice-spaced",
    "gpt2, choice-few",
    "gpt2, choice-own",
    "gpt2, choice-first",
    "gpt2, inputs",
    "gpt2, inputs-few",
    "gpt2, targets",
    "gpt2, likelihood",
    "gpt2, generate",
    "gpt2, generate-few",
    "gpt2, generate-loose",
    "gpt2, text"
  })
  void everyItemAndMetricEqualsTheHarnesss(String model, String name) {
    compare(run(model, task(name), Asking.PLAIN), EXPECTED.path(model).path(name));
  }

  @ParameterizedTest
  @CsvSource({"choice", "choice-few", "inputs-few", "generate-few"})
  void aChatTemplateIsAppliedAsTheHarnessDoesIt(String name) {
    compare(
        run("gpt2", task(name), new Asking(true, Optional.of("Be brief."), false)),
        EXPECTED.path("gpt2-chat").path(name));
  }

  @Test
  void examplesMayBeTurnsOfTheConversation() {
    compare(
        run("gpt2", task("choice-few"), new Asking(true, Optional.empty(), true)),
        EXPECTED.path("gpt2-turns").path("choice-few"));
  }

  @ParameterizedTest
  @CsvSource({"llama, 7", "llama, 32", "llama, 64", "gpt2, 7", "gpt2, 64", "gpt2, 128"})
  void perplexityWithAStrideEqualsThatOfTransformersDocumentation(String model, int stride) {
    EvalTask task =
        EvalTask.parse(
                "{name: long, data: texts.jsonl, text: \"{% if text | length > 500 %}{{ text }}{% endif %}\", stride: "
                    + stride
                    + "}",
                "long")
            .seenFrom(FOLDER);
    double wanted = EXPECTED.path(model).path("strided").path(Integer.toString(stride)).asDouble();
    assertThat(wanted).isPositive();
    assertThat(run(model, task, Asking.PLAIN).figures().getFirst().interval().estimate())
        .isCloseTo(wanted, within(1e-4 * wanted));
  }

  @Test
  void twoModelsAreComparedItemByItem() {
    TaskResult first = run("llama", task("choice"), Asking.PLAIN);
    TaskResult second = run("gpt2", task("choice"), Asking.PLAIN);
    List<Comparison> comparisons = first.against(second);
    assertThat(comparisons)
        .extracting(Comparison::metric)
        .containsExactly("acc", "acc_norm", "acc_bytes");
    Comparison acc = comparisons.getFirst();
    assertThat(acc.first()).isEqualTo(first.figures().getFirst().interval().estimate());
    assertThat(acc.second()).isEqualTo(second.figures().getFirst().interval().estimate());
    assertThat(acc.mcNemar()).isNotNull();
    List<Comparison> texts =
        run("llama", task("text"), Asking.PLAIN).against(run("gpt2", task("text"), Asking.PLAIN));
    assertThat(texts).extracting(Comparison::metric).contains("bits_per_byte");
    assertThat(first.against(first).getFirst().difference().high()).isZero();
  }

  @Test
  void theMachinesLanguageChangesNothing() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.of("tr"));
    try {
      compare(
          run("gpt2", task("generate-loose"), Asking.PLAIN),
          EXPECTED.path("gpt2").path("generate-loose"));
      compare(run("llama", task("choice"), Asking.PLAIN), EXPECTED.path("llama").path("choice"));
    } finally {
      Locale.setDefault(before);
    }
  }
}
