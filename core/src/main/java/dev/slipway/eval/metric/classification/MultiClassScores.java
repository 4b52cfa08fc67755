package dev.slipway.eval.metric.classification;

import dev.slipway.eval.metric.Examples;
import dev.slipway.eval.metric.Measured;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** What the scores of several classes say beyond the highest one: areas and top-k. */
public final class MultiClassScores {
  private MultiClassScores() {}

  /** Scores as long as the classes in every row, each finite. */
  public static void check(int[] truth, double[][] scores, int classes) {
    Examples.count("truth", truth.length, "rows of scores", scores.length);
    for (int row = 0; row < scores.length; row++) {
      Examples.count("classes", classes, "scores", scores[row].length);
      for (double score : scores[row]) {
        if (!Double.isFinite(score)) {
          throw Examples.notFinite("the score", row, score);
        }
      }
    }
    Examples.classes("the truth", truth, classes);
  }

  /** The class of the highest score of each row, the first one of equals, as NumPy's argmax. */
  public static int[] predicted(double[][] scores) {
    int[] predicted = new int[scores.length];
    for (int row = 0; row < scores.length; row++) {
      int best = 0;
      for (int label = 1; label < scores[row].length; label++) {
        if (scores[row][label] > scores[row][best]) {
          best = label;
        }
      }
      predicted[row] = best;
    }
    return predicted;
  }

  /**
   * Whether the true class is among the k highest scores; of equal scores the later class comes
   * first, as in scikit-learn's {@code top_k_accuracy_score}.
   */
  public static boolean[] inTop(int[] truth, double[][] scores, int k) {
    boolean[] hits = new boolean[truth.length];
    for (int row = 0; row < truth.length; row++) {
      double own = scores[row][truth[row]];
      int before = 0;
      for (int label = 0; label < scores[row].length; label++) {
        double other = scores[row][label];
        before += other > own || (other == own && label > truth[row]) ? 1 : 0;
      }
      hits[row] = before < k;
    }
    return hits;
  }

  /**
   * The area under the ROC curve of each class against all others, averaged; weighted by how
   * frequent a class is. Fawcett 2006, "An introduction to ROC analysis", §9. As scikit-learn's
   * {@code roc_auc_score(multi_class="ovr")}.
   */
  public static Measured oneVersusRest(
      int[] truth, double[][] scores, List<String> classes, Average average, int[] drawn) {
    double sum = 0;
    double weights = 0;
    for (int label = 0; label < classes.size(); label++) {
      int of = label;
      BinaryScores binary = BinaryScores.of(truth, label, row -> scores[row][of], drawn);
      if (binary.positiveCount() == 0) {
        return Measured.undefined("no example is of class '" + classes.get(label) + "'");
      }
      Measured auc = binary.rocAuc();
      if (!auc.isDefined()) {
        return Measured.undefined("every example is of class '" + classes.get(label) + "'");
      }
      double weight = average == Average.MACRO ? 1 : binary.positiveCount();
      sum += weight * auc.orNaN();
      weights += weight;
    }
    return Measured.of(sum / weights);
  }

  /**
   * The mean over pairs of classes of the area that tells one from the other. Hand and Till 2001,
   * "A Simple Generalisation of the Area Under the ROC Curve for Multiple Class Classification
   * Problems"; weighted by how frequent a pair is; over the classes that the truth has. As
   * scikit-learn's {@code roc_auc_score(multi_class="ovo")}.
   */
  public static Measured oneVersusOne(
      int[] truth, double[][] scores, List<String> classes, Average average, int[] drawn) {
    int[] sizes = new int[classes.size()];
    for (int row : drawn) {
      sizes[truth[row]]++;
    }
    int[] present = IntStream.range(0, sizes.length).filter(label -> sizes[label] > 0).toArray();
    if (present.length < 2) {
      return Measured.undefined("every example is of class '" + classes.get(present[0]) + "'");
    }
    int[][] rows = new int[sizes.length][];
    for (int label : present) {
      rows[label] = new int[sizes[label]];
    }
    int[] filled = new int[sizes.length];
    for (int row : drawn) {
      rows[truth[row]][filled[truth[row]]++] = row;
    }
    double sum = 0;
    double weights = 0;
    for (int a : present) {
      for (int b : present) {
        if (a < b) {
          double auc = (pair(scores, rows, a, b) + pair(scores, rows, b, a)) / 2;
          double weight = average == Average.MACRO ? 1 : sizes[a] + sizes[b];
          sum += weight * auc;
          weights += weight;
        }
      }
    }
    return Measured.of(sum / weights);
  }

  private static double pair(double[][] scores, int[][] rows, int positive, int negative) {
    return BinaryScores.ofSides(
            column(scores, rows[positive], positive), column(scores, rows[negative], positive))
        .rocAuc()
        .orNaN();
  }

  private static double[] column(double[][] scores, int[] rows, int label) {
    return Arrays.stream(rows).mapToDouble(row -> scores[row][label]).toArray();
  }
}
