package dev.slipway.eval.measure;

import dev.slipway.eval.metric.Better;
import dev.slipway.eval.metric.Curve;
import dev.slipway.eval.metric.Examples;
import dev.slipway.eval.metric.Measured;
import dev.slipway.eval.metric.MetricReport;
import dev.slipway.eval.metric.MetricRow;
import dev.slipway.eval.metric.classification.Average;
import dev.slipway.eval.metric.classification.BinaryScores;
import dev.slipway.eval.metric.classification.ClassCounts;
import dev.slipway.eval.metric.classification.MultiLabel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Several labels at once. */
final class MultiLabelReport {
  private static final int MOST_CURVES = 10;
  private static final int MOST_LABELS = 100;

  private MultiLabelReport() {}

  static MetricReport of(
      boolean[][] truth,
      boolean[][] predicted,
      double @Nullable [][] scores,
      List<String> labels,
      long seed) {
    int examples = MultiLabel.check(truth, predicted);
    Examples.count("names", labels.size(), "labels", truth[0].length);
    int count = labels.size();
    ClassCounts counts = MultiLabel.counts(truth, predicted, Rows.all(examples));
    Rows rows = new Rows(examples, seed);
    List<Rows.Figure> figures = new ArrayList<>();
    List<String> names =
        List.of(
            "f1-micro",
            "precision-micro",
            "recall-micro",
            "f1-macro",
            "precision-macro",
            "recall-macro",
            "f1-weighted");
    double[] values = averages(counts);
    for (int i = 0; i < values.length; i++) {
      figures.add(Rows.Figure.higher(names.get(i), values[i]));
    }
    rows.addAll(figures, drawn -> averages(MultiLabel.counts(truth, predicted, drawn)));
    double[] exact = MultiLabel.exact(truth, predicted);
    rows.add(rows.share("subset-accuracy", (long) Arrays.stream(exact).sum(), examples, ""));
    rows.add(rows.mean("hamming-loss", Better.LOWER, MultiLabel.hamming(truth, predicted)));
    List<Curve> curves = new ArrayList<>();
    if (scores == null) {
      rows.add(MetricRow.of("average-precision-macro", Better.HIGHER, BinaryReport.NO_SCORES));
    } else {
      addAreas(rows, curves, truth, scores, labels);
    }
    if (count <= MOST_LABELS) {
      MultiClassReport.addByClass(rows, counts, labels);
    }
    return new MetricReport("multi-label", examples, rows.list(), curves);
  }

  private static double[] averages(ClassCounts counts) {
    int labels = counts.classes();
    return new double[] {
      counts.f1(Average.MICRO),
      counts.precision(Average.MICRO),
      counts.recall(Average.MICRO),
      MultiLabel.macro(labels, counts::f1),
      MultiLabel.macro(labels, counts::precision),
      MultiLabel.macro(labels, counts::recall),
      counts.f1(Average.WEIGHTED)
    };
  }

  private static void addAreas(
      Rows rows, List<Curve> curves, boolean[][] truth, double[][] scores, List<String> labels) {
    Examples.count("truth", truth.length, "rows of scores", scores.length);
    int count = labels.size();
    int[][] is = new int[count][truth.length];
    double[][] told = new double[count][truth.length];
    for (int row = 0; row < truth.length; row++) {
      Examples.count("labels", count, "scores", scores[row].length);
      for (int label = 0; label < count; label++) {
        is[label][row] = truth[row][label] ? 1 : 0;
        told[label][row] = scores[row][label];
      }
    }
    Measured[] areas = new Measured[2];
    double precision = 0;
    double area = 0;
    for (int label = 0; label < count; label++) {
      BinaryScores ranked = BinaryScores.of(is[label], told[label]);
      if (ranked.positiveCount() == 0) {
        Measured none = Measured.undefined("no example has label '" + labels.get(label) + "'");
        areas[0] = areas[0] == null ? none : areas[0];
        areas[1] = areas[1] == null ? none : areas[1];
        continue;
      }
      precision += ranked.averagePrecision().orNaN();
      if (ranked.negativeCount() == 0) {
        areas[1] = Measured.undefined("every example has label '" + labels.get(label) + "'");
        continue;
      }
      area += ranked.rocAuc().orNaN();
      if (count <= MOST_CURVES) {
        curves.add(ranked.roc(labels.get(label), BinaryReport.POINTS));
        curves.add(ranked.precisionRecall(labels.get(label), BinaryReport.POINTS));
      }
    }
    rows.addAll(
        List.of(
            Rows.Figure.of(
                "average-precision-macro",
                Better.HIGHER,
                areas[0] == null ? Measured.of(precision / count) : areas[0]),
            Rows.Figure.of(
                "roc-auc-macro",
                Better.HIGHER,
                areas[1] == null ? Measured.of(area / count) : areas[1])),
        Math.max(500, 30_000 / count),
        drawn -> {
          double[] found = new double[2];
          for (int label = 0; label < count; label++) {
            BinaryScores ranked = BinaryScores.of(is[label], 1, told[label], drawn);
            found[0] += ranked.averagePrecision().orNaN() / count;
            found[1] += ranked.rocAuc().orNaN() / count;
          }
          return found;
        });
  }
}
