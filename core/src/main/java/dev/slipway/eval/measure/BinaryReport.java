package dev.slipway.eval.measure;

import dev.slipway.eval.metric.Better;
import dev.slipway.eval.metric.Curve;
import dev.slipway.eval.metric.Examples;
import dev.slipway.eval.metric.Measured;
import dev.slipway.eval.metric.MetricReport;
import dev.slipway.eval.metric.MetricRow;
import dev.slipway.eval.metric.Sums;
import dev.slipway.eval.metric.classification.Average;
import dev.slipway.eval.metric.classification.BinaryScores;
import dev.slipway.eval.metric.classification.ClassCounts;
import dev.slipway.eval.metric.classification.Probabilities;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Two classes. */
final class BinaryReport {
  /** As many points as a picture can show. */
  static final int POINTS = 1_000;

  static final Measured NO_SCORES = Measured.undefined("no scores were given");
  static final Measured NO_PROBABILITIES =
      Measured.undefined("the scores are not probabilities between 0 and 1");

  private BinaryReport() {}

  static MetricReport of(
      int[] truth, int[] predicted, double @Nullable [] scores, List<String> classes, long seed) {
    Examples.count("names", classes.size(), "classes", 2);
    ClassCounts counts = ClassCounts.of(truth, predicted, 2);
    BinaryScores ranked = scores == null ? null : BinaryScores.of(truth, scores);
    Rows rows = new Rows(truth.length, seed);
    addShares(rows, counts, classes);
    rows.addAll(
        List.of(
            Rows.Figure.higher("balanced-accuracy", counts.balancedAccuracy()),
            Rows.Figure.of(
                "f1",
                Better.HIGHER,
                counts.occurs(1)
                    ? Measured.of(counts.f1(1))
                    : Measured.undefined(neither(classes.get(1)))),
            Rows.Figure.higher("f1-macro", counts.f1(Average.MACRO)),
            Rows.Figure.higher("f1-weighted", counts.f1(Average.WEIGHTED)),
            new Rows.Figure(
                "mcc",
                Better.HIGHER,
                Measured.of(counts.matthewsCorrelation()),
                correlationNote(counts)),
            Rows.Figure.of("kappa", Better.HIGHER, counts.kappa())),
        drawn -> {
          ClassCounts c = ClassCounts.of(truth, predicted, 2, drawn);
          return new double[] {
            c.balancedAccuracy(),
            c.f1(1),
            c.f1(Average.MACRO),
            c.f1(Average.WEIGHTED),
            c.matthewsCorrelation(),
            c.kappa().orNaN()
          };
        });
    List<Curve> curves = new ArrayList<>();
    if (ranked == null || scores == null) {
      for (String name : List.of("roc-auc", "average-precision")) {
        rows.add(MetricRow.of(name, Better.HIGHER, NO_SCORES));
      }
      addNoProbabilities(rows, NO_SCORES);
    } else {
      addAreas(rows, ranked, truth, scores);
      if (ranked.positiveCount() > 0 && ranked.negativeCount() > 0) {
        curves.add(ranked.roc(classes.get(1), POINTS));
        curves.add(ranked.precisionRecall(classes.get(1), POINTS));
      }
      addProbabilities(rows, curves, truth, scores, classes.get(1));
    }
    long[][] confusion = {
      {counts.hits()[0], counts.actual()[0] - counts.hits()[0]},
      {counts.actual()[1] - counts.hits()[1], counts.hits()[1]}
    };
    curves.add(new Curve.Confusion(classes, confusion));
    return new MetricReport("binary", truth.length, rows.list(), curves);
  }

  private static void addShares(Rows rows, ClassCounts counts, List<String> classes) {
    long hits = counts.hits()[0] + counts.hits()[1];
    rows.add(rows.share("accuracy", hits, counts.examples(), ""));
    rows.add(
        rows.share(
            "precision",
            counts.hits()[1],
            counts.predicted()[1],
            "class '" + classes.get(1) + "' was never predicted"));
    rows.add(rows.share("recall", counts.hits()[1], counts.actual()[1], never(classes.get(1))));
    rows.add(
        rows.share("specificity", counts.hits()[0], counts.actual()[0], never(classes.get(0))));
  }

  private static String never(String label) {
    return "no example is of class '" + label + "'";
  }

  static String neither(String label) {
    return "class '" + label + "' neither occurs nor was predicted";
  }

  static String correlationNote(ClassCounts counts) {
    for (int label = 0; label < counts.classes(); label++) {
      if (counts.actual()[label] == counts.examples()) {
        return "0 by convention: the truth has one class only";
      }
      if (counts.predicted()[label] == counts.examples()) {
        return "0 by convention: one class only was predicted";
      }
    }
    return "";
  }

  private static void addAreas(Rows rows, BinaryScores ranked, int[] truth, double[] scores) {
    rows.addAll(
        List.of(
            Rows.Figure.of("roc-auc", Better.HIGHER, ranked.rocAuc()),
            Rows.Figure.of("average-precision", Better.HIGHER, ranked.averagePrecision())),
        drawn -> {
          BinaryScores some = BinaryScores.of(truth, 1, scores, drawn);
          return new double[] {some.rocAuc().orNaN(), some.averagePrecision().orNaN()};
        });
  }

  static void addNoProbabilities(Rows rows, Measured why) {
    for (String name : List.of("log-loss", "brier", "calibration-error")) {
      rows.add(MetricRow.of(name, Better.LOWER, why));
    }
  }

  private static void addProbabilities(
      Rows rows, List<Curve> curves, int[] truth, double[] scores, String positive) {
    if (!Rows.areProbabilities(scores)) {
      addNoProbabilities(rows, NO_PROBABILITIES);
      return;
    }
    double[] losses = Probabilities.logLosses(truth, scores);
    double[] squares = Probabilities.brierTerms(truth, scores);
    Curve.Calibration calibration =
        Probabilities.calibration(positive, truth, scores, Probabilities.BINS);
    rows.addAll(
        probabilityFigures(losses, squares, calibration),
        drawn -> probabilityFigures(losses, squares, truth, scores, drawn));
    curves.add(calibration);
  }

  static List<Rows.Figure> probabilityFigures(
      double[] losses, double[] squares, Curve.Calibration calibration) {
    return List.of(
        Rows.Figure.of("log-loss", Better.LOWER, Measured.of(Sums.mean(losses))),
        Rows.Figure.of("brier", Better.LOWER, Measured.of(Sums.mean(squares))),
        new Rows.Figure(
            "calibration-error",
            Better.LOWER,
            Measured.of(Probabilities.calibrationError(calibration)),
            Probabilities.BINS + " bins; its interval leans upwards"));
  }

  static double[] probabilityFigures(
      double[] losses, double[] squares, int[] came, double[] told, int[] drawn) {
    double loss = 0;
    double square = 0;
    for (int row : drawn) {
      loss += losses[row];
      square += squares[row];
    }
    return new double[] {
      loss / drawn.length, square / drawn.length, Probabilities.calibrationError(came, told, drawn)
    };
  }
}
