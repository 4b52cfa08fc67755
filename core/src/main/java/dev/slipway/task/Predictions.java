package dev.slipway.task;

import dev.slipway.eval.measure.Metrics;
import dev.slipway.eval.metric.MetricReport;
import dev.slipway.model.Network;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** Answers beside the truth, as arrays that metrics take. */
public sealed interface Predictions {
  /** The example of each row, as an index in its set. */
  int[] examples();

  /**
   * Every metric of it with its interval; the first is the one to decide by.
   *
   * @param seed of the bootstrap
   * @return by head; one report under {@link dev.slipway.model.Network#OUTPUT} where there is one
   */
  default SequencedMap<String, MetricReport> reports(long seed) {
    SequencedMap<String, MetricReport> reports = new LinkedHashMap<>();
    switch (this) {
      case Several(int[] _, SequencedMap<String, Predictions> byHead) ->
          byHead.forEach(
              (head, one) -> reports.put(head, one.reports(seed).firstEntry().getValue()));
      case Binary(
              int[] _,
              List<String> classes,
              int[] truth,
              double[] positive,
              double threshold) ->
          reports.put(Network.OUTPUT, Metrics.binary(truth, positive, classes, threshold, seed));
      case MultiClass(int[] _, List<String> classes, int[] truth, double[][] probabilities) ->
          reports.put(Network.OUTPUT, Metrics.multiClass(truth, probabilities, classes, seed));
      case MultiLabel(
              int[] _,
              List<String> labels,
              boolean[][] truth,
              double[][] probabilities,
              double[] thresholds) ->
          reports.put(
              Network.OUTPUT, Metrics.multiLabel(truth, probabilities, thresholds, labels, seed));
      case Numbers(int[] _, double[] truth, double[] predicted) ->
          reports.put(Network.OUTPUT, Metrics.regression(truth, predicted, seed));
      case Tags(int[] _, List<String> _, List<List<String>> truth, List<List<String>> predicted) ->
          reports.put(Network.OUTPUT, Metrics.tagging(truth, predicted, seed));
      case Texts(int[] _, List<List<String>> references, List<String> told) ->
          reports.put(Network.OUTPUT, Metrics.text(references, told, seed));
    }
    return reports;
  }

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
