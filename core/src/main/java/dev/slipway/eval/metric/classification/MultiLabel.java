package dev.slipway.eval.metric.classification;

import dev.slipway.eval.metric.Examples;
import java.util.function.IntToDoubleFunction;

/**
 * Several labels at once, {@code [row][label]}. Sorower 2010, "A Literature Survey on Algorithms
 * for Multi-label Learning", §7.
 */
public final class MultiLabel {
  private MultiLabel() {}

  /** As many rows of each, and as many labels in each row. */
  public static int check(boolean[][] truth, boolean[][] predicted) {
    int rows = Examples.count("truth", truth.length, "prediction", predicted.length);
    for (int row = 0; row < rows; row++) {
      Examples.count("labels", truth[0].length, "true labels of a row", truth[row].length);
      Examples.count("labels", truth[0].length, "told labels of a row", predicted[row].length);
    }
    return rows;
  }

  /** 1 where every label of a row was told right: the mean is the subset accuracy. */
  public static double[] exact(boolean[][] truth, boolean[][] predicted) {
    double[] exact = new double[truth.length];
    for (int row = 0; row < exact.length; row++) {
      exact[row] = wrong(truth[row], predicted[row]) == 0 ? 1 : 0;
    }
    return exact;
  }

  /** The share of labels that were told wrong in each row: the mean is the Hamming loss. */
  public static double[] hamming(boolean[][] truth, boolean[][] predicted) {
    double[] losses = new double[truth.length];
    for (int row = 0; row < losses.length; row++) {
      losses[row] = (double) wrong(truth[row], predicted[row]) / truth[row].length;
    }
    return losses;
  }

  private static int wrong(boolean[] truth, boolean[] predicted) {
    int wrong = 0;
    for (int label = 0; label < truth.length; label++) {
      wrong += truth[label] == predicted[label] ? 0 : 1;
    }
    return wrong;
  }

  /**
   * Hits, predicted and actual by label. Micro sums them over labels; macro and weighted average
   * over labels.
   */
  public static ClassCounts counts(boolean[][] truth, boolean[][] predicted, int[] drawn) {
    int labels = truth[0].length;
    long[] hits = new long[labels];
    long[] told = new long[labels];
    long[] actual = new long[labels];
    for (int row : drawn) {
      for (int label = 0; label < labels; label++) {
        if (truth[row][label]) {
          actual[label]++;
          hits[label] += predicted[row][label] ? 1 : 0;
        }
        told[label] += predicted[row][label] ? 1 : 0;
      }
    }
    return new ClassCounts(hits, told, actual, drawn.length);
  }

  /** The mean over all labels, those that never occur among them (as 0), as scikit-learn does. */
  public static double macro(int labels, IntToDoubleFunction figure) {
    double sum = 0;
    for (int label = 0; label < labels; label++) {
      sum += figure.applyAsDouble(label);
    }
    return sum / labels;
  }
}
