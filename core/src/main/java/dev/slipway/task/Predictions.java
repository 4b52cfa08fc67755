package dev.slipway.task;

import java.util.List;
import java.util.SequencedMap;

/** Answers beside the truth, as arrays that metrics take. */
public sealed interface Predictions {
  /** The example of each row, as an index in its set. */
  int[] examples();

  /**
   * Two classes.
   *
   * @param classes the negative one and the positive one
   * @param truth 0 or 1
   * @param positive probability of the positive class
   * @param threshold positive from this probability up
   */
  record Binary(
      int[] examples, List<String> classes, int[] truth, double[] positive, double threshold)
      implements Predictions {}

  /**
   * Several classes.
   *
   * @param truth index into {@code classes}
   * @param probabilities {@code [row][class]}
   */
  record MultiClass(int[] examples, List<String> classes, int[] truth, double[][] probabilities)
      implements Predictions {}

  /**
   * Labels.
   *
   * @param truth {@code [row][label]}
   * @param probabilities {@code [row][label]}
   * @param thresholds by label
   */
  record MultiLabel(
      int[] examples,
      List<String> labels,
      boolean[][] truth,
      double[][] probabilities,
      double[] thresholds)
      implements Predictions {}

  /** Numbers in the target's unit. */
  record Numbers(int[] examples, double[] truth, double[] predicted) implements Predictions {}

  /** A tag for each token of each row. */
  record Tags(
      int[] examples, List<String> tags, List<List<String>> truth, List<List<String>> predicted)
      implements Predictions {}

  /** Texts, each with one or more references. */
  record Texts(int[] examples, List<List<String>> references, List<String> told)
      implements Predictions {}

  /** By head. */
  record Several(int[] examples, SequencedMap<String, Predictions> byHead) implements Predictions {}
}
