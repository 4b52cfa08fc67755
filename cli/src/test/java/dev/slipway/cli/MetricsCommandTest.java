package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class MetricsCommandTest {
  @TempDir private Path folder;

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private Path spam(String name, int rows, double skill, long seed) throws IOException {
    Random noise = new Random(seed);
    StringBuilder csv = new StringBuilder("id,truth,prediction,score_spam\n");
    Random draw = new Random(1);
    for (int i = 0; i < rows; i++) {
      boolean is = draw.nextDouble() < 0.4;
      double score = Math.clamp(skill * (is ? 1 : 0) + (1 - skill) * noise.nextDouble(), 0, 1);
      csv.append(
          "m%d,%s,%s,%s\n".formatted(i, is ? "spam" : "ham", score >= 0.5 ? "spam" : "ham", score));
    }
    return write(name, csv.toString());
  }

  private static JsonNode metric(JsonNode document, String name) {
    for (JsonNode row : document.path("metrics")) {
      if (row.path("name").asString().equals(name)) {
        return row;
      }
    }
    throw new AssertionError(name + " is not in " + document);
  }

  @Test
  void theSameRowsGiveTheSameFiguresFromEveryFormat() throws IOException, SQLException {
    Path csv = spam("p.csv", 300, 0.3, 2);
    Path parquet = folder.resolve("p.parquet");
    Path jsonl = folder.resolve("p.jsonl");
    try (var connection = DriverManager.getConnection("jdbc:duckdb:");
        var statement = connection.createStatement()) {
      statement.execute(
          "COPY (SELECT * FROM '%s') TO '%s' (FORMAT parquet)".formatted(csv, parquet));
    }
    StringBuilder lines = new StringBuilder();
    for (String line : Files.readAllLines(csv).subList(1, 301)) {
      String[] cells = line.split(",", -1);
      lines.append(
          "{\"truth\": \"%s\", \"score_spam\": %s, \"prediction\": \"%s\"}\n"
              .formatted(cells[1], cells[3], cells[2]));
    }
    Files.writeString(jsonl, lines);
    String first = "";
    for (Path file : new Path[] {csv, parquet, jsonl}) {
      String out =
          Cli.run(
                  "metrics",
                  file,
                  "--truth",
                  "truth",
                  "--prediction",
                  "prediction",
                  "--task",
                  "binary",
                  "--json")
              .succeeds()
              .out();
      first = first.isEmpty() ? out : first;
      assertThat(out).isEqualTo(first);
    }
    JsonNode auc =
        metric(
            Cli.run("metrics", csv, "--truth=truth", "--task=binary", "--json").succeeds().json(),
            "roc-auc");
    assertThat(auc.path("low").asDouble()).isLessThan(auc.path("value").asDouble());
    assertThat(auc.path("high").asDouble()).isGreaterThan(auc.path("value").asDouble());
  }

  @Test
  void theTableSaysWhyAFigureIsNotThere() throws IOException {
    Path file = write("one.csv", "truth,p\nno,0.2\nno,0.7\n");
    String out =
        Cli.run("metrics", file, "--truth=truth", "--score=p", "--task=binary").succeeds().out();
    assertThat(out)
        .contains("binary, 2 examples", "accuracy", "0.5000", "undefined: no example is positive")
        .doesNotContain("NaN");
  }

  @Test
  void theThresholdIsChosenOnOtherPredictions() throws IOException {
    Path validation = spam("validation.csv", 200, 0.3, 4);
    Path test = spam("test.csv", 200, 0.3, 5);
    JsonNode document =
        Cli.run(
                "metrics",
                test,
                "--truth=truth",
                "--task=binary",
                "--validation",
                validation,
                "--by=cost=1:5",
                "--json")
            .succeeds()
            .json();
    double threshold = document.at("/threshold/score").asDouble();
    assertThat(threshold).isBetween(0.1, 0.5);
    assertThat(metric(document, "recall").path("value").asDouble()).isGreaterThan(0.9);
  }

  @Test
  void twoModelsAreComparedInOneSentence() throws IOException {
    Path weak = spam("weak.csv", 800, 0.1, 4);
    Path strong = spam("strong.csv", 800, 0.4, 5);
    String out =
        Cli.run(
                "metrics",
                strong,
                "--against",
                weak,
                "--id=id",
                "--truth=truth",
                "--prediction=prediction",
                "--task=binary")
            .succeeds()
            .out();
    assertThat(out.lines().findFirst().orElseThrow())
        .startsWith(
            strong
                + " is better than "
                + weak
                + " with a probability of more than 99.9 %: accuracy")
        .contains("McNemar");
    Path shorter = spam("shorter.csv", 700, 0.4, 5);
    Cli.run("metrics", strong, "--against", shorter, "--truth=truth", "--task=binary")
        .fails(3, "eval.different-examples", "numbers of rows");
  }

  @Test
  void everyTaskIsMeasured() throws IOException {
    Path classes =
        write(
            "classes.csv",
            "truth,score_cat,score_dog,score_emu\ncat,.7,.2,.1\ndog,.1,.8,.1\nemu,.4,.3,.3\ncat,.5,.3,.2\n");
    assertThat(report(classes, "multi-class", "roc-auc-ovr-macro").isNumber()).isTrue();
    Path labels =
        write("labels.csv", "truth,score_red,score_big\nred;big,.9,.8\nred,.7,.2\n\"\",.1,.3\n");
    assertThat(report(labels, "multi-label", "subset-accuracy").asDouble()).isEqualTo(1);
    Path numbers = write("numbers.csv", "truth,prediction\n1,1.5\n2,2\n4,3\n");
    assertThat(report(numbers, "regression", "mae", "--prediction=prediction").asDouble())
        .isEqualTo(0.5);
    assertThat(
            report(
                    numbers,
                    "regression",
                    "coverage[0.9]",
                    "--prediction=prediction",
                    "--quantile=0.9")
                .asDouble())
        .isEqualTo(2 / 3.0);
    Path text =
        write(
            "text.jsonl",
            "{\"truth\": [\"a b c d e\", \"a b c d\"], \"prediction\": \"a b c d\"}\n"
                + "{\"truth\": [\"the cat sat on it\"], \"prediction\": \"the cat sat on it\"}\n");
    assertThat(report(text, "text", "bleu", "--prediction=prediction").asDouble())
        .isCloseTo(100, within(1e-9));
    Path speech = write("speech.csv", "truth,prediction\none two,one too\n");
    assertThat(report(speech, "transcription", "wer", "--prediction=prediction").asDouble())
        .isEqualTo(0.5);
    Path lists = write("lists.csv", "user,truth,score\nu,1,.9\nu,0,.8\nv,0,.7\nv,1,.6\n");
    assertThat(report(lists, "ranking", "mrr", "--score=score", "--group=user").asDouble())
        .isEqualTo(0.75);
    Path tags = write("tags.csv", "truth,prediction\nB-PER I-PER O,B-PER I-PER O\nO B-LOC,O O\n");
    assertThat(report(tags, "tagging", "entity-f1-micro", "--prediction=prediction").asDouble())
        .isEqualTo(2 / 3.0);
    assertThat(Cli.run("metrics", classes, "--truth=truth", "--task=multi-class").succeeds().out())
        .contains("f1[emu]", "95 % interval");
  }

  private static JsonNode report(Path file, String task, String metric, Object... more) {
    Object[] line = new Object[5 + more.length];
    System.arraycopy(
        new Object[] {"metrics", file, "--truth=truth", "--task=" + task, "--json"}, 0, line, 0, 5);
    System.arraycopy(more, 0, line, 5, more.length);
    return metric(Cli.run(line).succeeds().json(), metric).path("value");
  }

  @Test
  void whatCantBeMeasuredIsSaidInOneLine() throws IOException {
    Path file = write("p.csv", "truth,prediction,score\nyes,yes,0.9\nno,yes,high\n");
    Cli.run("metrics", file, "--truth=thruth", "--prediction=prediction", "--task=binary")
        .fails(3, "eval.no-column", "'thruth'", "write truth if you meant that");
    Cli.run("metrics", file, "--truth=truth", "--score=score", "--task=binary")
        .fails(3, "eval.not-a-number", "row 2", "'high'");
    Cli.run("metrics", file, "--truth=truth", "--task=binary")
        .fails(2, "eval.no-prediction", "--prediction or --score");
    Cli.run("metrics", file, "--truth=truth", "--prediction=prediction", "--task=ranking")
        .fails(2, "eval.no-group", "--group");
    Cli.run("metrics", file, "--truth=truth", "--prediction=prediction", "--task=bunary")
        .fails(2, "usage", "multi-class");
    Cli.run("metrics", folder.resolve("none.csv"), "--truth=t", "--task=binary")
        .fails(3, "eval.file-missing");
    Cli.run("metrics", write("p.xls", "x"), "--truth=t", "--task=binary")
        .fails(3, "eval.file-unknown", ".parquet");
    Cli.run("metrics", write("empty.csv", ""), "--truth=t", "--task=binary")
        .fails(3, "eval.no-examples");
    Cli.run(
            "metrics",
            write("header.csv", "truth,prediction\n"),
            "--truth=truth",
            "--prediction=prediction",
            "--task=binary")
        .fails(3, "eval.no-examples");
    Cli.run("metrics", write("broken.parquet", "PAR?"), "--truth=t", "--task=binary")
        .fails(3, "eval.file-malformed");
    Cli.run(
            "metrics",
            write("hole.csv", "truth,prediction\n1,\n2,3\n"),
            "--truth=truth",
            "--prediction=prediction",
            "--task=regression")
        .fails(3, "eval.no-value", "row 1", "'prediction'");
    Cli.run(
            "metrics",
            write("nan.csv", "truth,prediction\n1,2\n2,nan\n"),
            "--truth=truth",
            "--prediction=prediction",
            "--task=regression")
        .fails(3, "eval.not-finite", "example 2");
    Cli.run(
            "metrics",
            write("three.csv", "truth,prediction\na,b\nc,a\n"),
            "--truth=truth",
            "--prediction=prediction",
            "--task=binary")
        .fails(3, "eval.not-two-classes", "--task multi-class");
    Cli.run(
            "metrics",
            write("other.csv", "truth,score_a,score_b\na,.5,.5\nc,.2,.8\n"),
            "--truth=truth",
            "--task=multi-class")
        .fails(3, "eval.unknown-class", "'c'");
    Cli.run(
            "metrics",
            write("tags.csv", "truth,prediction\nO O,O\n"),
            "--truth=truth",
            "--prediction=prediction",
            "--task=tagging")
        .fails(3, "eval.lengths-differ", "sequence 1");
  }
}
