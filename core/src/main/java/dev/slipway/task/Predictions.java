package dev.slipway.task;

import dev.slipway.eval.measure.Metrics;
import dev.slipway.eval.metric.MetricReport;
import dev.slipway.eval.metric.MetricRow;
import dev.slipway.eval.metric.ranking.RankedList;
import dev.slipway.eval.metric.ranking.TopItems;
import dev.slipway.eval.metric.text.AnswerScore;
import dev.slipway.eval.metric.text.ErrorRate;
import dev.slipway.model.Network;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
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
      case Transcripts(int[] _, List<String> references, List<String> told) ->
          reports.put(Network.OUTPUT, Metrics.transcription(references, told, seed));
      case Recommended all ->
          reports.put(
              Network.OUTPUT, Metrics.recommendation(all.truth(), all.told(), all.cuts(), seed));
      case Rankings all ->
          reports.put(
              Network.OUTPUT, Metrics.ranking(all.relevance(), all.scores(), all.cuts(), seed));
      case Texts(int[] _, List<List<String>> references, List<String> told) ->
          reports.put(Network.OUTPUT, Metrics.text(references, told, seed));
      case Spans(int[] _, List<List<String>> right, List<String> told) ->
          reports.put(Network.OUTPUT, Metrics.answers(right, told, seed));
      case Retrieved(int[] _, int[] ranks, int[] cuts) ->
          reports.put(Network.OUTPUT, Metrics.retrieval(ranks, cuts, seed));
    }
    return reports;
  }

  /**
   * All metrics as one report, those of several heads under {@code head/metric}.
   *
   * @param seed of the bootstrap
   */
  default MetricReport report(long seed) {
    SequencedMap<String, MetricReport> reports = reports(seed);
    if (!(this instanceof Several)) {
      return reports.firstEntry().getValue();
    }
    List<MetricRow> rows = new ArrayList<>();
    reports.forEach(
        (head, one) ->
            one.rows()
                .forEach(
                    row ->
                        rows.add(
                            new MetricRow(
                                head + "/" + row.name(),
                                row.better(),
                                row.measured(),
                                row.interval(),
                                row.note()))));
    return new MetricReport("multi-task", examples().length, rows, List.of());
  }

  /**
   * The figure that one follows while training, without its interval: accuracy, the share of labels
   * told rightly, RMSE or the share of tokens tagged rightly; with several heads one each, by
   * {@code head/figure}.
   */
  default SequencedMap<String, Double> headlines() {
    SequencedMap<String, Double> figures = new LinkedHashMap<>();
    switch (this) {
      case Several(int[] _, SequencedMap<String, Predictions> byHead) ->
          byHead.forEach(
              (head, one) ->
                  one.headlines().forEach((name, value) -> figures.put(head + "/" + name, value)));
      case Binary one -> {
        int right = 0;
        for (int i = 0; i < one.truth.length; i++) {
          right += (one.positive[i] >= one.threshold ? 1 : 0) == one.truth[i] ? 1 : 0;
        }
        figures.put("accuracy", (double) right / one.truth.length);
      }
      case MultiClass one -> {
        int right = 0;
        for (int i = 0; i < one.truth.length; i++) {
          right += Heads.argmax(one.probabilities[i]) == one.truth[i] ? 1 : 0;
        }
        figures.put("accuracy", (double) right / one.truth.length);
      }
      case MultiLabel one -> {
        int right = 0;
        for (int i = 0; i < one.truth.length; i++) {
          for (int label = 0; label < one.labels.size(); label++) {
            boolean told = one.probabilities[i][label] >= one.thresholds[label];
            right += told == one.truth[i][label] ? 1 : 0;
          }
        }
        figures.put("label-accuracy", (double) right / one.truth.length / one.labels.size());
      }
      case Numbers one -> {
        double squares = 0;
        for (int i = 0; i < one.truth.length; i++) {
          squares += (one.truth[i] - one.predicted[i]) * (one.truth[i] - one.predicted[i]);
        }
        figures.put("rmse", Math.sqrt(squares / one.truth.length));
      }
      case Tags one -> {
        int right = 0;
        int all = 0;
        for (int i = 0; i < one.truth.size(); i++) {
          all += one.truth.get(i).size();
          for (int t = 0; t < one.truth.get(i).size(); t++) {
            right += one.truth.get(i).get(t).equals(one.predicted.get(i).get(t)) ? 1 : 0;
          }
        }
        figures.put("token-accuracy", (double) right / Math.max(1, all));
      }
      case Recommended one -> figures.put("ndcg@" + one.cuts()[0], one.ndcg());
      case Rankings one -> figures.put("ndcg@" + one.cuts()[0], one.ndcg());
      case Transcripts one -> {
        long edits = 0;
        long letters = 0;
        for (int i = 0; i < one.told.size(); i++) {
          ErrorRate rate = ErrorRate.ofCharacters(one.references.get(i), one.told.get(i));
          edits += rate.edits();
          letters += rate.length();
        }
        figures.put("cer", (double) edits / Math.max(1, letters));
      }
      case Spans one -> {
        double sum = 0;
        for (int i = 0; i < one.told.size(); i++) {
          sum += AnswerScore.of(one.right.get(i), one.told.get(i)).f1();
        }
        figures.put("f1", sum / Math.max(1, one.told.size()));
      }
      case Retrieved one ->
          figures.put(
              "recall@" + one.cuts[0],
              Arrays.stream(one.ranks).filter(rank -> rank <= one.cuts[0]).count()
                  / (double) one.ranks.length);
      case Texts _ -> {}
    }
    return figures;
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

  /**
   * Items for users.
   *
   * @param examples the first example of each user
   * @param rows the places of each user's examples among those that were judged
   * @param users their names
   * @param truth items that each user liked
   * @param told items, the best first
   * @param cuts how many of them are looked at; the first one decides
   */
  record Recommended(
      int[] examples,
      int[][] rows,
      List<String> users,
      List<List<String>> truth,
      List<List<String>> told,
      int[] cuts)
      implements Predictions {
    /** The mean at the first cut. */
    double ndcg() {
      double sum = 0;
      for (int user = 0; user < rows.length; user++) {
        sum += TopItems.of(new HashSet<>(truth.get(user)), told.get(user)).ndcg(cuts[0]);
      }
      return sum / rows.length;
    }
  }

  /**
   * The documents of queries.
   *
   * @param examples the first document of each query
   * @param rows the places of each query's documents among those that were judged
   * @param queries their names
   * @param relevance {@code [query][document]}
   * @param scores {@code [query][document]}
   * @param cuts how many of them are looked at; the first one decides
   */
  record Rankings(
      int[] examples,
      int[][] rows,
      List<String> queries,
      double[][] relevance,
      double[][] scores,
      int[] cuts)
      implements Predictions {
    /**
     * The same documents by other scores.
     *
     * @param others one a document, in the order in which they were judged
     */
    public Rankings scored(double[] others) {
      double[][] lists = new double[rows.length][];
      for (int query = 0; query < rows.length; query++) {
        lists[query] = Arrays.stream(rows[query]).mapToDouble(row -> others[row]).toArray();
      }
      return new Rankings(examples, rows, queries, relevance, lists, cuts);
    }

    /** The mean at the first cut. */
    double ndcg() {
      double sum = 0;
      for (int query = 0; query < rows.length; query++) {
        sum += RankedList.of(relevance[query], scores[query]).ndcg(cuts[0]);
      }
      return sum / rows.length;
    }
  }

  /** What was said, beside what was heard. */
  record Transcripts(int[] examples, List<String> references, List<String> told)
      implements Predictions {}

  /** Texts, each with one or more references. */
  record Texts(int[] examples, List<List<String>> references, List<String> told)
      implements Predictions {}

  /**
   * Answers that stand in a text.
   *
   * @param right what is right; none where there is no answer
   * @param told empty for no answer
   */
  record Spans(int[] examples, List<List<String>> right, List<String> told)
      implements Predictions {}

  /**
   * Queries, each with one right text among all that were judged.
   *
   * @param ranks of the right one, from 1
   * @param cuts how many texts are looked at; the first one decides
   */
  record Retrieved(int[] examples, int[] ranks, int[] cuts) implements Predictions {}

  /** By head. */
  record Several(int[] examples, SequencedMap<String, Predictions> byHead) implements Predictions {}
}
