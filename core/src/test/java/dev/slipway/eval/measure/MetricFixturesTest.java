package dev.slipway.eval.measure;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.base.Json;
import dev.slipway.eval.compare.McNemar;
import dev.slipway.eval.metric.Curve;
import dev.slipway.eval.metric.Interval;
import dev.slipway.eval.metric.Measured;
import dev.slipway.eval.metric.MetricReport;
import dev.slipway.eval.metric.MetricRow;
import dev.slipway.eval.metric.Proportion;
import dev.slipway.eval.metric.Sums;
import dev.slipway.eval.metric.classification.Average;
import dev.slipway.eval.metric.classification.BinaryScores;
import dev.slipway.eval.metric.classification.ClassCounts;
import dev.slipway.eval.metric.classification.ConfusionMatrix;
import dev.slipway.eval.metric.classification.MultiClassScores;
import dev.slipway.eval.metric.classification.Probabilities;
import dev.slipway.eval.metric.classification.Threshold;
import dev.slipway.eval.metric.regression.Errors;
import dev.slipway.eval.metric.tagging.Entities;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Every figure against what scikit-learn, sacrebleu, rouge-score, jiwer, seqeval, SciPy and
 * statsmodels say of the same examples, to 1e-9; made by reference/metrics.py.
 */
class MetricFixturesTest {
  private static final double TOLERANCE = 1e-9;

  /** What scikit-learn warns of, but has a convention for that is kept: a number, with a note. */
  private static final Set<String> KEPT =
      Set.of(
          "f1-micro",
          "f1-macro",
          "f1-weighted",
          "precision-micro",
          "precision-macro",
          "precision-weighted",
          "recall-micro",
          "recall-macro",
          "recall-weighted",
          "balanced-accuracy");

  private static List<JsonNode> cases() throws IOException {
    try (var in =
            MetricFixturesTest.class.getResourceAsStream(
                "/dev/slipway/eval/metric-fixtures.json.gz");
        var unzipped = new GZIPInputStream(in)) {
      String text = new String(unzipped.readAllBytes(), StandardCharsets.UTF_8);
      List<JsonNode> cases = new ArrayList<>();
      Json.parse(text, "metric-fixtures.json.gz").forEach(cases::add);
      return cases;
    }
  }

  @Test
  void everyFigureIsThatOfTheReference() throws IOException {
    Map<String, Integer> seen = new TreeMap<>();
    int figures = 0;
    int undefined = 0;
    List<String> wrong = new ArrayList<>();
    for (JsonNode one : cases()) {
      String kind = one.path("kind").asString();
      seen.merge(kind, 1, Integer::sum);
      Map<String, Measured> found =
          switch (kind) {
            case "labels" -> labels(one);
            case "binary" -> binary(one);
            case "multi" -> multi(one);
            case "multilabel" -> multiLabel(one);
            case "regression" -> regression(one);
            case "text" -> text(one);
            case "speech" ->
                measured(
                    Metrics.transcription(
                        strings(one.path("references")), strings(one.path("told")), 1));
            case "ranking" ->
                measured(
                    Metrics.ranking(
                        matrix(one.path("relevance")),
                        matrix(one.path("scores")),
                        new int[] {1, 3, 10},
                        1));
            case "tagging" -> tagging(one);
            case "mcnemar" -> mcNemar(one);
            default -> throw new IllegalStateException(kind);
          };
      for (Map.Entry<String, JsonNode> entry : one.path("expected").properties()) {
        String name = entry.getKey();
        String place = kind + " " + seen.get(kind) + " " + name;
        Measured is = requireNonNull(found.get(name), place);
        JsonNode expected = entry.getValue();
        figures++;
        if (expected.isObject() && !(KEPT.contains(name) && expected.path("ill").isNumber())) {
          undefined++;
          if (is.isDefined()) {
            wrong.add(place + ": " + is + ", but the reference has none: " + expected);
          }
        } else {
          double value =
              expected.isObject() ? expected.path("ill").asDouble() : expected.asDouble();
          if (!(Math.abs(is.orNaN() - value) <= TOLERANCE * Math.max(1, Math.abs(value)))) {
            wrong.add(place + ": " + is + " in place of " + expected);
          }
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(seen.values().stream().mapToInt(Integer::intValue).sum()).isGreaterThan(390);
    assertThat(seen).hasSize(10).allSatisfy((kind, count) -> assertThat(count).isGreaterThan(7));
    assertThat(figures).isGreaterThan(2_800);
    assertThat(undefined).isGreaterThan(40);
  }

  private static Map<String, Measured> measured(MetricReport report) {
    Map<String, Measured> found = new LinkedHashMap<>();
    report.rows().forEach(row -> found.put(row.name(), row.measured()));
    return found;
  }

  private static Map<String, Measured> labels(JsonNode one) {
    int classes = one.path("classes").asInt();
    int[] truth = ints(one.path("truth"));
    int[] predicted = ints(one.path("predicted"));
    ClassCounts counts = ClassCounts.of(truth, predicted, classes);
    ConfusionMatrix confusion = ConfusionMatrix.of(truth, predicted, classes);
    Map<String, Measured> found = new LinkedHashMap<>();
    found.put("accuracy", Measured.of(counts.accuracy()));
    found.put("balanced-accuracy", Measured.of(counts.balancedAccuracy()));
    found.put("kappa", counts.kappa());
    found.put("kappa-linear", confusion.weightedKappa(ConfusionMatrix.Weights.LINEAR));
    found.put("kappa-quadratic", confusion.weightedKappa(ConfusionMatrix.Weights.QUADRATIC));
    found.put("mcc", Measured.of(counts.matthewsCorrelation()));
    for (Average average : Average.values()) {
      String suffix = "-" + average.name().toLowerCase(Locale.ROOT);
      found.put("precision" + suffix, Measured.of(counts.precision(average)));
      found.put("recall" + suffix, Measured.of(counts.recall(average)));
      found.put("f1" + suffix, Measured.of(counts.f1(average)));
    }
    near(
        one.path("precision"),
        IntStream.range(0, classes).mapToDouble(counts::precision).toArray());
    near(one.path("recall"), IntStream.range(0, classes).mapToDouble(counts::recall).toArray());
    near(one.path("f1"), IntStream.range(0, classes).mapToDouble(counts::f1).toArray());
    assertThat(Json.tree(confusion.counts()).toString())
        .isEqualTo(one.path("confusion").toString());
    long hits = Arrays.stream(counts.hits()).sum();
    Interval wilson = requireNonNull(Proportion.wilson(hits, truth.length));
    near(one.path("wilson"), new double[] {wilson.low(), wilson.high()});
    // Drawing every row once is the whole.
    assertThat(ClassCounts.of(truth, predicted, classes, Rows.all(truth.length)).f1(Average.MACRO))
        .isEqualTo(counts.f1(Average.MACRO));
    if (classes > 2) {
      measured(Metrics.multiClass(truth, predicted, null, names(classes), 1))
          .forEach(
              (name, value) -> {
                if (found.containsKey(name)) {
                  assertThat(value).as(name).isEqualTo(found.get(name));
                }
              });
    }
    return found;
  }

  private static Map<String, Measured> binary(JsonNode one) {
    int[] truth = ints(one.path("truth"));
    double[] scores = doubles(one.path("scores"));
    BinaryScores ranked = BinaryScores.of(truth, scores);
    if (one.has("roc")) {
      Curve.Roc roc = ranked.roc("1");
      near(one.at("/roc/fpr"), roc.falsePositiveRate());
      near(one.at("/roc/tpr"), roc.truePositiveRate());
      near(
          one.at("/roc/thresholds"),
          Arrays.copyOfRange(roc.thresholds(), 1, roc.thresholds().length));
      Curve.PrecisionRecall curve = ranked.precisionRecall("1");
      near(one.at("/pr/precision"), curve.precision());
      near(one.at("/pr/recall"), curve.recall());
      near(one.at("/pr/thresholds"), curve.thresholds());
      threshold(one.path("youden"), ranked, new Threshold.By.Youden(), truth, scores);
      threshold(one.path("best-f1"), ranked, new Threshold.By.F1(), truth, scores);
      threshold(one.path("least-cost"), ranked, new Threshold.By.Cost(1, 5), truth, scores);
    }
    if (one.has("calibration")) {
      Curve.Calibration bins = Probabilities.calibration("1", truth, scores, 15);
      near(one.at("/calibration/observed"), bins.observed());
      near(one.at("/calibration/predicted"), bins.predicted());
    }
    if (one.path("expected").has("log-loss")) {
      assertThat(Probabilities.logLoss(truth, scores))
          .isCloseTo(one.at("/expected/log-loss").asDouble(), within(TOLERANCE));
    }
    return measured(Metrics.binary(truth, scores, List.of("0", "1"), 0.5, 1));
  }

  /** What was promised of a threshold is what calling examples by it gives. */
  private static void threshold(
      JsonNode best, BinaryScores ranked, Threshold.By by, int[] truth, double[] scores) {
    Threshold chosen = Threshold.choose(ranked, by);
    assertThat(chosen.criterion().orNaN()).isCloseTo(best.asDouble(), within(TOLERANCE));
    int[] counts = new int[4];
    for (int i = 0; i < truth.length; i++) {
      counts[2 * truth[i] + (scores[i] >= chosen.score() ? 1 : 0)]++;
    }
    assertThat(new long[] {counts[0], counts[1], counts[2], counts[3]})
        .containsExactly(
            chosen.trueNegatives(),
            chosen.falsePositives(),
            chosen.falseNegatives(),
            chosen.truePositives());
  }

  private static Map<String, Measured> multi(JsonNode one) {
    int[] truth = ints(one.path("truth"));
    double[][] scores = matrix(one.path("scores"));
    int classes = scores[0].length;
    Map<String, Measured> found = measured(Metrics.multiClass(truth, scores, names(classes), 1));
    for (int k = 1; k < classes; k++) {
      int hits = 0;
      for (boolean hit : MultiClassScores.inTop(truth, scores, k)) {
        hits += hit ? 1 : 0;
      }
      found.put("top-" + k + "-accuracy", Measured.of((double) hits / truth.length));
    }
    return found;
  }

  private static Map<String, Measured> multiLabel(JsonNode one) {
    double[][] is = matrix(one.path("truth"));
    boolean[][] truth = new boolean[is.length][is[0].length];
    for (int row = 0; row < is.length; row++) {
      for (int label = 0; label < is[row].length; label++) {
        truth[row][label] = is[row][label] == 1;
      }
    }
    double[] thresholds = new double[is[0].length];
    Arrays.fill(thresholds, one.path("threshold").asDouble());
    return measured(
        Metrics.multiLabel(truth, matrix(one.path("scores")), thresholds, names(is[0].length), 1));
  }

  private static Map<String, Measured> regression(JsonNode one) {
    double[] truth = doubles(one.path("truth"));
    double[] predicted = doubles(one.path("predicted"));
    Map<String, Measured> found = measured(Metrics.regression(truth, predicted, 1));
    for (double alpha : new double[] {0, 0.1, 0.5, 0.9}) {
      found.put(
          "pinball[" + alpha + "]",
          Measured.of(Sums.mean(Errors.pinball(truth, predicted, alpha))));
    }
    return found;
  }

  private static Map<String, Measured> text(JsonNode one) {
    List<List<String>> references = new ArrayList<>();
    one.path("references").forEach(given -> references.add(strings(given)));
    MetricReport report = Metrics.text(references, strings(one.path("told")), 1);
    List<String> notes = report.rows().subList(0, 3).stream().map(MetricRow::note).toList();
    assertThat(notes).isEqualTo(strings(one.path("signatures")));
    return measured(report);
  }

  private static Map<String, Measured> tagging(JsonNode one) {
    List<List<String>> truth = new ArrayList<>();
    List<List<String>> predicted = new ArrayList<>();
    one.path("truth").forEach(tags -> truth.add(strings(tags)));
    one.path("predicted").forEach(tags -> predicted.add(strings(tags)));
    for (int i = 0; i < truth.size(); i++) {
      List<Entities.Entity> expected = new ArrayList<>();
      one.path("entities")
          .get(i)
          .forEach(
              e ->
                  expected.add(
                      new Entities.Entity(
                          e.get(0).asString(), e.get(1).asInt(), e.get(2).asInt())));
      assertThat(Entities.of(truth.get(i))).isEqualTo(expected);
    }
    return measured(Metrics.tagging(truth, predicted, 1));
  }

  private static Map<String, Measured> mcNemar(JsonNode one) {
    McNemar test = McNemar.of(one.path("onlyFirst").asLong(), one.path("onlySecond").asLong());
    assertThat(test.exact()).isCloseTo(one.path("exact").asDouble(), within(1e-12));
    if (one.path("chi").isNumber()) {
      assertThat(test.chiSquared()).isCloseTo(one.path("chi").asDouble(), within(1e-12));
      assertThat(test.asymptotic()).isCloseTo(one.path("p").asDouble(), within(1e-13));
      assertThat(test.correctedChiSquared())
          .isCloseTo(one.path("correctedChi").asDouble(), within(1e-12));
      assertThat(test.corrected()).isCloseTo(one.path("correctedP").asDouble(), within(1e-13));
    }
    return Map.of();
  }

  private static void near(JsonNode expected, double[] found) {
    assertThat(found).hasSize(expected.size());
    for (int i = 0; i < found.length; i++) {
      assertThat(found[i]).isCloseTo(expected.get(i).asDouble(), within(TOLERANCE));
    }
  }

  private static List<String> names(int classes) {
    return IntStream.range(0, classes).mapToObj(Integer::toString).toList();
  }

  private static int[] ints(JsonNode array) {
    return IntStream.range(0, array.size()).map(i -> array.get(i).asInt()).toArray();
  }

  private static double[] doubles(JsonNode array) {
    return IntStream.range(0, array.size()).mapToDouble(i -> array.get(i).asDouble()).toArray();
  }

  private static double[][] matrix(JsonNode array) {
    return IntStream.range(0, array.size())
        .mapToObj(i -> doubles(array.get(i)))
        .toArray(double[][]::new);
  }

  private static List<String> strings(JsonNode array) {
    return IntStream.range(0, array.size()).mapToObj(i -> array.get(i).asString()).toList();
  }
}
