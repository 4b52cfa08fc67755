package dev.slipway.infer.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.base.SlipwayException;
import dev.slipway.infer.LanguageModel;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tasks' documents and files, and what is refused of them. */
class EvalTaskTest {
  @TempDir private Path folder;

  private static Path model() throws URISyntaxException {
    return Path.of(
        Objects.requireNonNull(EvalTaskTest.class.getResource("/dev/slipway/model/published/gpt2"))
            .toURI());
  }

  private static void assertRefused(String code, String part, Runnable work) {
    assertThatThrownBy(work::run)
        .isInstanceOfSatisfying(
            SlipwayException.class,
            problem -> {
              assertThat(problem.code()).isEqualTo(code);
              assertThat(problem.line() + problem.details()).contains(part);
            });
  }

  @Test
  void drawsAsPythonDoes() {
    PythonRandom random = new PythonRandom(1234);
    assertThat(random.sample(10, 4)).containsExactly(7, 1, 0, 9);
    assertThat(random.sample(100, 3)).containsExactly(74, 4, 85);
    assertThat(random.sample(30, 8)).containsExactly(22, 2, 3, 24, 11, 7, 0, 23);
    assertThat(random.sample(1000, 12))
        .containsExactly(807, 16, 354, 663, 638, 495, 630, 474, 152, 93, 187, 730);
    assertThat(new PythonRandom(0).sample(5, 5)).containsExactly(3, 4, 0, 1, 2);
    assertThat(new PythonRandom(4294967295L).sample(50, 6)).containsExactly(40, 39, 13, 47, 38, 33);
  }

  @Test
  void theKindFollowsFromTheKeys() {
    assertThat(EvalTask.parse("{name: a, data: a.txt, kind: text}", "a").measured())
        .isEqualTo(EvalTask.Kind.TEXT);
    assertThat(EvalTask.parse("{name: a, data: a, text: '{{ t }}'}", "a").measured())
        .isEqualTo(EvalTask.Kind.TEXT);
    assertThat(
            EvalTask.parse("{name: a, data: a, prompt: p, choices: [x, y], answer: x}", "a")
                .measured())
        .isEqualTo(EvalTask.Kind.MULTIPLE_CHOICE);
    assertThat(EvalTask.parse("{name: a, data: a, prompt: p, answer: x}", "a").measured())
        .isEqualTo(EvalTask.Kind.GENERATE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{name: a, data: a, prompt: p}; answer: nothing, expected a template",
        "{name: a, data: a, prompt: p, choices: [x], answer: x}; choices: one choice",
        "{name: a, data: a, promt: p, answer: x}; did you mean prompt?",
        "{name: a, data: a, prompt: p, answer: x, match: {extract: '('}}; expected a regular expression",
        "{name: a, data: a, kind: text, shots: 2}; texts stand alone",
        "{name: a, data: a, prompt: p, answer: x, generate: {until: ['']}}; until: an empty text",
        "{data: a, prompt: p, answer: x}; name: nothing",
        "{name: a, data: a, prompt: p, choices: [x, y], continuation: z, answer: x}; prompt: a prompt beside continuation",
        "{name: a, data: a, prompt: p, continuation: z, answer: x}; continuation: a continuation without choices",
        "{name: a, data: a, prompt: p, choices: [x, y], answer: x, answers-from: z}; an answer beside answers-from",
      })
  void mistakesAreToldWithTheirPlace(String yaml, String part) {
    assertRefused("task.invalid", part, () -> EvalTask.parse(yaml, "task.yaml"));
  }

  @Test
  void rowsComeFromJsonLinesAListCsvAndParquet() throws Exception {
    Files.writeString(
        folder.resolve("a.jsonl"), "{\"q\": \"2 + 2 =\", \"a\": \"4\", \"o\": [\"3\", \"4\"]}\n\n");
    Files.writeString(
        folder.resolve("a.json"), "[{\"q\": \"2 + 2 =\", \"a\": \"4\", \"o\": [\"3\", \"4\"]}]");
    Files.writeString(folder.resolve("a.csv"), "q,a,x,y\n2 + 2 =,4,3,4\n");
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement()) {
      statement.execute(
          "COPY (SELECT '2 + 2 =' q, '4' a, ['3', '4'] o) TO '"
              + folder.resolve("a.parquet")
              + "' (FORMAT parquet)");
    }
    for (String file : List.of("a.jsonl", "a.json", "a.parquet")) {
      assertThat(
              items(
                  "{name: a, data: "
                      + file
                      + ", prompt: '{{ q }}', choices-from: o, answer: '{{ a }}'}"))
          .as(file)
          .containsExactly(item("2 + 2 =", List.of("3", "4"), List.of(1), "4"));
    }
    assertThat(
            items(
                "{name: a, data: a.csv, prompt: '{{ q }}', choices: ['{{ x }}', '{{ y }}'], answer: '{{ a }}'}"))
        .containsExactly(item("2 + 2 =", List.of("3", "4"), List.of(1), "4"));
  }

  private static Item item(
      String context, List<String> choices, List<Integer> right, String answer) {
    return new Item(List.of(context), choices, "", right, List.of(answer));
  }

  private List<Item> items(String yaml) {
    try {
      return Items.of(EvalTask.parse(yaml, "task").seenFrom(folder), Asking.PLAIN, model());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void anItemIsNeverItsOwnExample() throws IOException {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 12; i++) {
      rows.append("{\"q\": \"question ")
          .append(i / 2)
          .append("\", \"a\": \"")
          .append(i / 2)
          .append("\"}\n");
    }
    Files.writeString(folder.resolve("twice.jsonl"), rows);
    for (String choice : List.of("random", "first")) {
      List<Item> items =
          items(
              "{name: a, data: twice.jsonl, prompt: '{{ q }}:', answer: '{{ a }}', shots: {count: 3, choice: "
                  + choice
                  + "}}");
      assertThat(items).hasSize(12);
      for (int i = 0; i < 12; i++) {
        String own = "question " + i / 2 + ":";
        assertThat(items.get(i).context()).endsWith(own);
        assertThat(items.get(i).context().split(own, -1)).as("only asked, not solved").hasSize(2);
        assertThat(items.get(i).context().split("\n\n")).hasSize(4);
      }
    }
  }

  @Test
  void aTextFileIsOneTextByteForByte() throws IOException {
    String text = "  two\r\nlines \n";
    Files.writeString(folder.resolve("a.txt"), text);
    assertThat(items("{name: a, data: a.txt, kind: text}"))
        .containsExactly(item("", List.of(), List.of(), text));
  }

  @Test
  void whatDoesNotFitIsToldInOneSentence() throws Exception {
    Files.writeString(
        folder.resolve("a.jsonl"), "{\"q\": \"x\", \"a\": \"7\", \"o\": [\"p\", \"r\"]}\n");
    Files.writeString(folder.resolve("bad.jsonl"), "{\"q\": \n");
    Files.writeString(folder.resolve("list.jsonl"), "{\"q\": 1}\n[1]\n");
    Files.writeString(folder.resolve("empty.jsonl"), "");
    assertRefused(
        "task.template-failed",
        "'p' is undefined",
        () -> items("{name: a, data: a.jsonl, prompt: '{{ p }}', answer: x}"));
    assertRefused(
        "task.template-failed",
        "prompt of the task a",
        () -> items("{name: a, data: a.jsonl, prompt: '{{ q', answer: x}"));
    assertRefused(
        "task.no-such-choice",
        "\"7\"",
        () -> items("{name: a, data: a.jsonl, prompt: p, choices-from: o, answer: '{{ a }}'}"));
    assertRefused(
        "task.no-list",
        "names the field q",
        () -> items("{name: a, data: a.jsonl, prompt: p, choices-from: q, answer: '0'}"));
    assertRefused(
        "task.too-few-shots",
        "asks for 3 shots, there are 0",
        () -> items("{name: a, data: a.jsonl, prompt: p, answer: x, shots: 3}"));
    assertRefused(
        "json.malformed",
        "line 1",
        () -> items("{name: a, data: bad.jsonl, prompt: p, answer: x}"));
    assertRefused(
        "data.rows-no-object",
        "row 2",
        () -> items("{name: a, data: list.jsonl, prompt: p, answer: x}"));
    assertRefused(
        "data.source-missing",
        "none.jsonl",
        () -> items("{name: a, data: none.jsonl, prompt: p, answer: x}"));
    assertThatThrownBy(() -> items("{name: a, data: empty.jsonl, prompt: p, answer: x}"))
        .isInstanceOf(SlipwayException.class);
    assertRefused(
        "task.no-template", "no key text", () -> items("{name: a, data: a.jsonl, kind: text}"));
    EvalTask empty =
        EvalTask.parse(
                "{name: a, data: a.jsonl, prompt: p, choices: ['', x], answer: x, delimiter: ''}",
                "a")
            .seenFrom(folder);
    try (LanguageModel opened = LanguageModel.open(model())) {
      assertRefused(
          "score.empty-continuation",
          "a continuation of 0",
          () -> new Evaluator(opened, model0(), Asking.PLAIN).run(empty, share -> {}));
    }
  }

  private static Path model0() {
    try {
      return model();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void answersAreComparedAsTheRuleSays() {
    EvalTask task =
        EvalTask.parse(
            "{name: a, data: a, prompt: p, answer: x, match: {extract: '(?:is|are) (\\w+)|(\\d+)', ignore-case: true, ignore-numbers: true}}",
            "a");
    ExactMatch match = new ExactMatch(task.match());
    assertThat(match.extracted("it is Blue, 3")).isEqualTo("Blue");
    assertThat(match.extracted("3 of 4")).isEqualTo("3");
    assertThat(match.extracted("no")).isEqualTo("[invalid]");
    assertThat(match.matches("BLUE7", List.of("red", "blue"))).isTrue();
    assertThat(match.matches("green", List.of("red", "blue"))).isFalse();
  }

  /** The first and the last match, by Python's {@code re.findall}. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '~',
      value = {
        "boxed{(.*?)}; is boxed{4} or boxed{5}.; 4; 5",
        "(?P<sign_of>[+-])?(?P<n>\\d+)(?P=n); a -77 b; -; -",
        "[[(](\\w+)[])]; x [ab) y (c]; ab; c",
        "x{,2}y; xxxy y; xxy; y",
        "a.b; a\\rb a\\nb; a\\rb; a\\rb",
        "(\\w+)$; one\\rtwo\\n; two; two",
        "end\\Z; the end\\n; [invalid]; [invalid]",
        "end\\Z; the end; end; end",
        "[a&&b]+; a&b c; a&b; a&b",
        "(-?[$0-9.,]{2,})|(-?[0-9]+); it is $1,200.5 or 7; $1,200.5; 7",
        "q(x?); qx q; x; ~~"
      })
  void regularExpressionsArePythons(String regex, String text, String first, String last) {
    String read = text.replace("\\r", "\r").replace("\\n", "\n");
    for (boolean takeLast : List.of(false, true)) {
      EvalTask.Match rule =
          new EvalTask.Match(false, false, false, List.of(), Optional.of(regex), takeLast, false);
      assertThat(new ExactMatch(rule).extracted(read))
          .isEqualTo((takeLast ? last : first).replace("\\r", "\r"));
    }
  }
}
