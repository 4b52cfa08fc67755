package dev.slipway.eval.measure;

import dev.slipway.eval.metric.Better;
import dev.slipway.eval.metric.Curve;
import dev.slipway.eval.metric.Measured;
import dev.slipway.eval.metric.MetricReport;
import dev.slipway.eval.metric.MetricRow;
import dev.slipway.eval.metric.classification.Average;
import dev.slipway.eval.metric.classification.BinaryScores;
import dev.slipway.eval.metric.classification.ClassCounts;
import dev.slipway.eval.metric.classification.ConfusionMatrix;
import dev.slipway.eval.metric.classification.MultiClassScores;
import dev.slipway.eval.metric.classification.Probabilities;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** One of several classes. */
final class MultiClassReport {
  /** Of more classes, those by class and by pair take longer than they are worth. */
  private static final int MOST_CLASSES = 100;

  private static final int MOST_CURVES = 10;
  private static final int MOST_PAIRED = 50;

  private MultiClassReport() {}

  static MetricReport of(
      int[] truth, int[] predicted, double @Nullable [][] scores, List<String> classes, long seed) {
    int count = classes.size();
    ClassCounts counts = ClassCounts.of(truth, predicted, count);
    if (scores != null) {
      MultiClassScores.check(truth, scores, count);
    }
    Rows rows = new Rows(truth.length, seed);
    rows.add(rows.share("accuracy", Arrays.stream(counts.hits()).sum(), counts.examples(), ""));
    addAverages(rows, counts, truth, predicted, classes);
    addWeightedKappas(rows, truth, predicted, count);
    List<Curve> curves = new ArrayList<>();
    if (scores == null) {
      for (String name : List.of("roc-auc-ovr-macro", "roc-auc-ovo-macro")) {
        rows.add(MetricRow.of(name, Better.HIGHER, BinaryReport.NO_SCORES));
      }
      BinaryReport.addNoProbabilities(rows, BinaryReport.NO_SCORES);
    } else {
      addTop(rows, truth, scores, count);
      addAreas(rows, truth, scores, classes);
      addProbabilities(rows, curves, truth, predicted, scores);
      addCurves(curves, truth, scores, classes);
    }
    if (count <= MOST_CLASSES) {
      addByClass(rows, counts, classes);
      curves.add(ConfusionMatrix.of(truth, predicted, count).curve(classes));
    }
    return new MetricReport("multi-class", truth.length, rows.list(), curves);
  }

  private static void addAverages(
      Rows rows, ClassCounts counts, int[] truth, int[] predicted, List<String> classes) {
    List<Rows.Figure> figures = new ArrayList<>();
    figures.add(Rows.Figure.higher("balanced-accuracy", counts.balancedAccuracy()));
    double[] values = averages(counts);
    int at = 0;
    for (Average average : Average.values()) {
      String suffix = "-" + average.name().toLowerCase(Locale.ROOT);
      for (String name : List.of("f1", "precision", "recall")) {
        figures.add(
            new Rows.Figure(
                name + suffix,
                Better.HIGHER,
                Measured.of(values[at++]),
                average == Average.MICRO
                    ? "equals accuracy"
                    : name.equals("recall") ? "" : neverPredicted(counts, classes)));
      }
    }
    figures.add(
        new Rows.Figure(
            "mcc",
            Better.HIGHER,
            Measured.of(counts.matthewsCorrelation()),
            BinaryReport.correlationNote(counts)));
    figures.add(Rows.Figure.of("kappa", Better.HIGHER, counts.kappa()));
    rows.addAll(
        figures,
        drawn -> {
          ClassCounts c = ClassCounts.of(truth, predicted, classes.size(), drawn);
          double[] found = new double[figures.size()];
          found[0] = c.balancedAccuracy();
          double[] averaged = averages(c);
          System.arraycopy(averaged, 0, found, 1, averaged.length);
          found[found.length - 2] = c.matthewsCorrelation();
          found[found.length - 1] = c.kappa().orNaN();
          return found;
        });
  }

  private static double[] averages(ClassCounts counts) {
    double[] values = new double[9];
    int at = 0;
    for (Average average : Average.values()) {
      values[at++] = counts.f1(average);
      values[at++] = counts.precision(average);
      values[at++] = counts.recall(average);
    }
    return values;
  }

  static String neverPredicted(ClassCounts counts, List<String> classes) {
    List<String> never = new ArrayList<>();
    for (int label = 0; label < classes.size(); label++) {
      if (counts.actual()[label] > 0 && counts.predicted()[label] == 0) {
        never.add(classes.get(label));
      }
    }
    if (never.isEmpty()) {
      return "";
    }
    String some = String.join(", ", never.subList(0, Math.min(3, never.size())));
    return "never predicted, so 0: "
        + some
        + (never.size() > 3 ? " and " + (never.size() - 3) + " more" : "");
  }

  private static void addWeightedKappas(Rows rows, int[] truth, int[] predicted, int classes) {
    if (classes < 3 || classes > MOST_CLASSES) {
      return;
    }
    ConfusionMatrix confusion = ConfusionMatrix.of(truth, predicted, classes);
    String note = "where the order of the classes means something";
    rows.addAll(
        List.of(
            new Rows.Figure(
                "kappa-linear",
                Better.HIGHER,
                confusion.weightedKappa(ConfusionMatrix.Weights.LINEAR),
                note),
            new Rows.Figure(
                "kappa-quadratic",
                Better.HIGHER,
                confusion.weightedKappa(ConfusionMatrix.Weights.QUADRATIC),
                note)),
        drawn ->
            new double[] {
              ConfusionMatrix.weightedKappa(
                  ConfusionMatrix.Weights.LINEAR, truth, predicted, classes, drawn),
              ConfusionMatrix.weightedKappa(
                  ConfusionMatrix.Weights.QUADRATIC, truth, predicted, classes, drawn)
            });
  }

  private static void addTop(Rows rows, int[] truth, double[][] scores, int classes) {
    for (int k : new int[] {2, 3, 5}) {
      if (k < classes) {
        long hits = 0;
        for (boolean hit : MultiClassScores.inTop(truth, scores, k)) {
          hits += hit ? 1 : 0;
        }
        rows.add(rows.share("top-" + k + "-accuracy", hits, truth.length, ""));
      }
    }
  }

  private static void addAreas(Rows rows, int[] truth, double[][] scores, List<String> classes) {
    int[] all = Rows.all(truth.length);
    List<Rows.Figure> figures = new ArrayList<>();
    for (Average average : List.of(Average.MACRO, Average.WEIGHTED)) {
      String suffix = "-" + average.name().toLowerCase(Locale.ROOT);
      figures.add(
          Rows.Figure.of(
              "roc-auc-ovr" + suffix,
              Better.HIGHER,
              MultiClassScores.oneVersusRest(truth, scores, classes, average, all)));
      figures.add(
          Rows.Figure.of(
              "roc-auc-ovo" + suffix,
              Better.HIGHER,
              classes.size() > MOST_CLASSES
                  ? Measured.undefined("not computed for more than " + MOST_CLASSES + " classes")
                  : MultiClassScores.oneVersusOne(truth, scores, classes, average, all)));
    }
    if (classes.size() > MOST_PAIRED
        || figures.stream().noneMatch(figure -> figure.measured().isDefined())) {
      figures.forEach(
          figure -> rows.add(MetricRow.of(figure.name(), figure.better(), figure.measured())));
      return;
    }
    rows.addAll(
        figures,
        Math.max(500, 30_000 / classes.size()),
        drawn -> {
          double[] found = new double[4];
          int at = 0;
          for (Average average : List.of(Average.MACRO, Average.WEIGHTED)) {
            found[at++] =
                MultiClassScores.oneVersusRest(truth, scores, classes, average, drawn).orNaN();
            found[at++] =
                MultiClassScores.oneVersusOne(truth, scores, classes, average, drawn).orNaN();
          }
          return found;
        });
  }

  private static void addProbabilities(
      Rows rows, List<Curve> curves, int[] truth, int[] predicted, double[][] scores) {
    if (!Arrays.stream(scores).allMatch(Rows::areProbabilities)) {
      BinaryReport.addNoProbabilities(rows, BinaryReport.NO_PROBABILITIES);
      return;
    }
    double[] losses = Probabilities.logLosses(truth, scores);
    double[] squares = Probabilities.brierTerms(truth, scores);
    int[] came = new int[truth.length];
    double[] told = new double[truth.length];
    for (int row = 0; row < came.length; row++) {
      came[row] = truth[row] == predicted[row] ? 1 : 0;
      told[row] = scores[row][predicted[row]];
    }
    Curve.Calibration calibration =
        Probabilities.calibration("the predicted class", came, told, Probabilities.BINS);
    rows.addAll(
        BinaryReport.probabilityFigures(losses, squares, calibration),
        drawn -> BinaryReport.probabilityFigures(losses, squares, came, told, drawn));
    curves.add(calibration);
  }

  private static void addCurves(
      List<Curve> curves, int[] truth, double[][] scores, List<String> classes) {
    if (classes.size() > MOST_CURVES) {
      return;
    }
    int[] all = Rows.all(truth.length);
    for (int label = 0; label < classes.size(); label++) {
      int of = label;
      BinaryScores ranked = BinaryScores.of(truth, label, row -> scores[row][of], all);
      if (ranked.positiveCount() > 0 && ranked.negativeCount() > 0) {
        curves.add(ranked.roc(classes.get(label), BinaryReport.POINTS));
        curves.add(ranked.precisionRecall(classes.get(label), BinaryReport.POINTS));
      }
    }
  }

  static void addByClass(Rows rows, ClassCounts counts, List<String> classes) {
    for (int label = 0; label < classes.size(); label++) {
      String name = classes.get(label);
      long hits = counts.hits()[label];
      rows.add(
          rows.share(
              "precision[" + name + "]",
              hits,
              counts.predicted()[label],
              "class '" + name + "' was never predicted"));
      rows.add(
          rows.share(
              "recall[" + name + "]",
              hits,
              counts.actual()[label],
              "no example is of class '" + name + "'"));
      rows.add(
          MetricRow.of(
              "f1[" + name + "]",
              Better.HIGHER,
              counts.occurs(label)
                  ? Measured.of(counts.f1(label))
                  : Measured.undefined(BinaryReport.neither(name))));
    }
  }
}
