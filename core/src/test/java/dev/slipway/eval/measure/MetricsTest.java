package dev.slipway.eval.measure;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.base.SlipwayException;
import dev.slipway.eval.metric.Curve;
import dev.slipway.eval.metric.Interval;
import dev.slipway.eval.metric.Measured;
import dev.slipway.eval.metric.MetricReport;
import dev.slipway.eval.metric.MetricRow;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MetricsTest {
  private static final List<String> TWO = List.of("ham", "spam");

  @Test
  void twoClassesHaveEveryFigureWithAnIntervalThatHoldsIt() {
    Random random = new Random(3);
    int[] truth = new int[400];
    double[] scores = new double[400];
    for (int i = 0; i < truth.length; i++) {
      truth[i] = random.nextInt(3) == 0 ? 1 : 0;
      scores[i] = Math.clamp(0.3 * truth[i] + 0.7 * random.nextDouble(), 0, 1);
    }
    MetricReport report = Metrics.binary(truth, scores, TWO, 0.5, 7);
    assertThat(report.rows().getFirst().name()).isEqualTo("accuracy");
    assertThat(report.rows())
        .extracting(MetricRow::name)
        .contains("precision", "recall", "f1", "roc-auc", "log-loss", "brier", "mcc");
    assertThat(report.rows())
        .filteredOn(row -> !row.name().equals("calibration-error"))
        .allSatisfy(
            row -> {
              Interval interval = requireNonNull(row.interval(), row.name());
              assertThat(interval.low()).as(row.name()).isLessThan(interval.high());
              assertThat(interval.contains(row.value())).as(row.name()).isTrue();
            });
    assertThat(Metrics.binary(truth, scores, TWO, 0.5, 7).json().toString())
        .isEqualTo(report.json().toString())
        .isNotEqualTo(Metrics.binary(truth, scores, TWO, 0.5, 8).json().toString());
    assertThat(report.curves()).hasSize(4);
  }

  @Test
  void oneClassAloneIsToldAndNotANumber() {
    MetricReport report =
        Metrics.binary(new int[] {0, 0, 0}, new double[] {.1, .2, .3}, TWO, 0.5, 1);
    assertThat(report.value("accuracy")).isEqualTo(1);
    assertThat(report.row("roc-auc").orElseThrow().measured())
        .isEqualTo(new Measured.Undefined("no example is positive"));
    assertThat(report.row("kappa").orElseThrow().measured()).isInstanceOf(Measured.Undefined.class);
    assertThat(report.row("recall").orElseThrow().measured())
        .isEqualTo(new Measured.Undefined("no example is of class 'spam'"));
    assertThat(report.row("mcc").orElseThrow().note()).contains("by convention");
    assertThat(report.json().toString()).doesNotContain("NaN");
  }

  @Test
  void oneRowHasNoIntervalButThatOfShares() {
    MetricReport report = Metrics.binary(new int[] {1}, new double[] {.9}, TWO, 0.5, 1);
    assertThat(report.row("accuracy").orElseThrow().interval()).isNotNull();
    assertThat(report.row("log-loss").orElseThrow().interval()).isNull();
  }

  @Test
  void scoresThatAreNoProbabilitiesRankButAreNotScoredAsSuch() {
    MetricReport report = Metrics.binary(new int[] {0, 1, 1}, new double[] {-3, 2, 5}, TWO, 0, 1);
    assertThat(report.value("roc-auc")).isEqualTo(1);
    assertThat(report.row("log-loss").orElseThrow().measured())
        .isEqualTo(BinaryReport.NO_PROBABILITIES);
  }

  @Test
  void severalClassesGiveAveragesAreasAndEachClass() {
    int[] truth = {0, 1, 2, 2, 1, 0, 2, 1};
    double[][] told = new double[truth.length][];
    for (int row = 0; row < truth.length; row++) {
      told[row] = new double[] {.2, .3, .3};
      told[row][row == 3 ? 0 : truth[row]] += .2;
    }
    MetricReport report = Metrics.multiClass(truth, told, List.of("a", "b", "c"), 5);
    assertThat(report.value("accuracy")).isEqualTo(7 / 8.0);
    assertThat(report.value("f1-micro")).isEqualTo(7 / 8.0);
    assertThat(report.value("recall[c]")).isEqualTo(2 / 3.0);
    assertThat(report.value("roc-auc-ovr-macro")).isBetween(0.8, 1.0);
    assertThat(report.curves()).anyMatch(Curve.Confusion.class::isInstance);
    MetricReport missing =
        Metrics.multiClass(
            new int[] {0, 1}, new double[][] {{1, 0, 0}, {0, 1, 0}}, List.of("a", "b", "c"), 5);
    assertThat(missing.row("roc-auc-ovr-macro").orElseThrow().measured())
        .isEqualTo(new Measured.Undefined("no example is of class 'c'"));
    assertThat(missing.row("precision[c]").orElseThrow().measured().isDefined()).isFalse();
  }

  @Test
  void numbersTextListsAndTagsHaveTheirs() {
    MetricReport numbers = Metrics.regression(new double[] {1, 2, 4}, new double[] {1, 3, 4}, 1);
    assertThat(numbers.value("mse")).isEqualTo(1 / 3.0);
    assertThat(numbers.value("median-absolute-error")).isZero();
    MetricReport quantiles =
        Metrics.quantiles(
            new double[] {1, 2}, new double[][] {{0, 1}, {3, 4}}, new double[] {.1, .9}, 1);
    assertThat(quantiles.value("pinball[0.1]")).isCloseTo((.1 + .9) / 2, within(1e-12));
    MetricReport text =
        Metrics.text(
            List.of(List.of("the cat sat on the mat"), List.of("a b c d e")),
            List.of("the cat sat on the mat", "a b c d f"),
            1);
    assertThat(text.value("exact-match")).isEqualTo(0.5);
    assertThat(text.row("bleu").orElseThrow().note()).contains("tok:13a");
    MetricReport speech =
        Metrics.transcription(List.of("one two three four"), List.of("one too three"), 1);
    assertThat(speech.value("wer")).isEqualTo(0.5);
    assertThat(
            Metrics.transcription(List.of(" "), List.of("a"), 1)
                .row("wer")
                .orElseThrow()
                .measured()
                .isDefined())
        .isFalse();
    MetricReport lists =
        Metrics.ranking(
            new double[][] {{1, 0, 0}, {0, 0, 0}},
            new double[][] {{.3, .2, .1}, {1, 2, 3}},
            new int[] {1, 2},
            1);
    assertThat(lists.value("map")).isEqualTo(1);
    assertThat(lists.value("ndcg@1")).isEqualTo(0.5);
    MetricReport tags =
        Metrics.tagging(
            List.of(List.of("B-PER", "I-PER", "O"), List.of("B-LOC")),
            List.of(List.of("B-PER", "O", "O"), List.of("B-LOC")),
            1);
    assertThat(tags.value("entity-f1-micro")).isEqualTo(0.5);
    assertThat(tags.value("token-accuracy")).isEqualTo(0.75);
    assertThat(
            Metrics.tagging(List.of(List.of("NOUN")), List.of(List.of("VERB")), 1)
                .row("entity-f1-micro")
                .orElseThrow()
                .measured()
                .isDefined())
        .isFalse();
  }

  @Test
  void whatIsNoPredictionIsRefused() {
    refused("eval.lengths-differ", () -> Metrics.regression(new double[2], new double[3], 1));
    refused("eval.no-examples", () -> Metrics.regression(new double[0], new double[0], 1));
    refused(
        "eval.not-finite",
        () -> Metrics.regression(new double[] {1, Double.NaN}, new double[] {1, 2}, 1));
    refused(
        "eval.not-finite",
        () -> Metrics.binary(new int[] {0, 1}, new double[] {.5, Double.NaN}, TWO, .5, 1));
    refused(
        "eval.not-finite",
        () ->
            Metrics.binary(
                new int[] {0, 1}, new double[] {Double.POSITIVE_INFINITY, 1}, TWO, .5, 1));
    refused(
        "eval.not-a-class",
        () -> Metrics.binary(new int[] {0, 2}, new double[] {.5, .5}, TWO, .5, 1));
    refused(
        "eval.not-finite",
        () ->
            Metrics.multiClass(new int[] {0, 1}, new double[][] {{1, 0}, {Double.NaN, 1}}, TWO, 1));
    refused(
        "eval.lengths-differ",
        () -> Metrics.multiClass(new int[] {0, 1}, new double[][] {{1, 0}, {1}}, TWO, 1));
    refused(
        "eval.lengths-differ",
        () -> Metrics.tagging(List.of(List.of("O")), List.of(List.of("O", "O")), 1));
  }

  private static void refused(String code, Runnable measuring) {
    assertThatThrownBy(measuring::run)
        .isInstanceOfSatisfying(
            SlipwayException.class, problem -> assertThat(problem.code()).isEqualTo(code));
  }

  @Test
  void intervalsOfManyRowsAreAsNarrowAsTheirNumberAllows() {
    Random random = new Random(1);
    double[] truth = random.doubles(200_000).toArray();
    double[] told = Arrays.stream(truth).map(y -> y + random.nextGaussian()).toArray();
    Interval mse =
        requireNonNull(Metrics.regression(truth, told, 1).row("mse").orElseThrow().interval());
    // The squared error of a normal one has a deviation of √2.
    double expected = 2 * 1.96 * Math.sqrt(2 / 200_000.0);
    assertThat(mse.high() - mse.low()).isBetween(0.85 * expected, 1.15 * expected);
  }
}
