package dev.slipway.eval.measure;

import dev.slipway.eval.metric.MetricReport;
import dev.slipway.eval.metric.classification.MultiClassScores;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All metrics of a task from arrays of what was true and what was predicted. Every interval is of
 * 95 %: Wilson's for shares of examples, else by {@link dev.slipway.eval.metric.Bootstrap} from the
 * seed. Unequal lengths, no examples, NaN and infinities are refused with a {@link
 * dev.slipway.base.SlipwayException}; a metric that these examples don't define is a row with its
 * reason.
 */
public final class Metrics {
  private Metrics() {}

  /**
   * Two classes from the probability of the second one.
   *
   * @param truth 0 or 1, index into {@code classes}
   * @param positive probability of class 1; or any score, then log loss, Brier and calibration are
   *     undefined
   * @param classes names of the negative and of the positive class
   * @param threshold positive from this probability up; chosen on validation examples, never on
   *     these
   */
  public static MetricReport binary(
      int[] truth, double[] positive, List<String> classes, double threshold, long seed) {
    int[] predicted = new int[positive.length];
    for (int row = 0; row < predicted.length; row++) {
      predicted[row] = positive[row] >= threshold ? 1 : 0;
    }
    return BinaryReport.of(truth, predicted, positive, classes, seed);
  }

  /** Two classes from what was predicted; {@code positive} is null where there are no scores. */
  public static MetricReport binary(
      int[] truth, int[] predicted, double @Nullable [] positive, List<String> classes, long seed) {
    return BinaryReport.of(truth, predicted, positive, classes, seed);
  }

  /**
   * One of several classes, the one of the highest probability being predicted.
   *
   * @param truth index into {@code classes}
   * @param probabilities {@code [row][class]}, or any scores, then log loss, Brier and calibration
   *     are undefined
   */
  public static MetricReport multiClass(
      int[] truth, double[][] probabilities, List<String> classes, long seed) {
    return MultiClassReport.of(
        truth, MultiClassScores.predicted(probabilities), probabilities, classes, seed);
  }

  /** One of several classes from what was predicted; {@code scores} null where there are none. */
  public static MetricReport multiClass(
      int[] truth, int[] predicted, double @Nullable [][] scores, List<String> classes, long seed) {
    return MultiClassReport.of(truth, predicted, scores, classes, seed);
  }

  /**
   * Several labels at once.
   *
   * @param truth {@code [row][label]}
   * @param probabilities {@code [row][label]}
   * @param thresholds by label: told from this probability up; chosen on validation examples
   */
  public static MetricReport multiLabel(
      boolean[][] truth,
      double[][] probabilities,
      double[] thresholds,
      List<String> labels,
      long seed) {
    boolean[][] predicted = new boolean[probabilities.length][];
    for (int row = 0; row < predicted.length; row++) {
      predicted[row] = new boolean[probabilities[row].length];
      for (int label = 0; label < predicted[row].length; label++) {
        predicted[row][label] = probabilities[row][label] >= thresholds[label];
      }
    }
    return MultiLabelReport.of(truth, predicted, probabilities, labels, seed);
  }

  /** Several labels from what was predicted; {@code scores} null where there are none. */
  public static MetricReport multiLabel(
      boolean[][] truth,
      boolean[][] predicted,
      double @Nullable [][] scores,
      List<String> labels,
      long seed) {
    return MultiLabelReport.of(truth, predicted, scores, labels, seed);
  }

  /** Numbers; the unit of RMSE and MAE is that of the truth. */
  public static MetricReport regression(double[] truth, double[] predicted, long seed) {
    return RegressionReport.of(truth, predicted, seed);
  }

  /**
   * Quantiles of a number.
   *
   * @param predicted {@code [row][quantile]}
   * @param quantiles between 0 and 1, as many, rising
   */
  public static MetricReport quantiles(
      double[] truth, double[][] predicted, double[] quantiles, long seed) {
    return RegressionReport.ofQuantiles(truth, predicted, quantiles, seed);
  }

  /**
   * Written text, such as translations and summaries: BLEU, chrF, ROUGE, exact match.
   *
   * @param references one or more of each text
   */
  public static MetricReport text(List<List<String>> references, List<String> told, long seed) {
    return TextReport.written(references, told, seed);
  }

  /** Text from speech or pictures: word and character error rate, exact match. */
  public static MetricReport transcription(List<String> references, List<String> told, long seed) {
    return TextReport.transcribed(references, told, seed);
  }

  /**
   * Ranked lists, one of each query or user.
   *
   * @param relevance {@code [query][item]}: 0 where an item is not relevant, else how much
   * @param scores {@code [query][item]}: items stand from the highest score down
   * @param cuts the k of NDCG@k, recall@k and precision@k
   */
  public static MetricReport ranking(
      double[][] relevance, double[][] scores, int[] cuts, long seed) {
    return RankingReport.of(relevance, scores, cuts, seed);
  }

  /**
   * Recommendations, one list of each user: NDCG, MAP, recall, hit rate, MRR and precision at each
   * cut.
   *
   * @param relevant names of all items that were relevant, at least one a user
   * @param recommended names of items, best first; what a user knew is left out of both
   * @param cuts the k of each; the first one decides
   */
  public static MetricReport recommendation(
      List<List<String>> relevant, List<List<String>> recommended, int[] cuts, long seed) {
    return RankingReport.recommended(relevant, recommended, cuts, seed);
  }

  /**
   * Short answers that stand in a text: exact match and F1 by word, as SQuAD's script has them.
   *
   * @param right answers to each question; none where it has no answer
   * @param told empty for no answer
   */
  public static MetricReport answers(List<List<String>> right, List<String> told, long seed) {
    return AnswerReport.of(right, told, seed);
  }

  /**
   * One right text for each query: recall at each cut, MRR and NDCG.
   *
   * @param ranks of the right text, from 1
   * @param cuts the first one decides
   */
  public static MetricReport retrieval(int[] ranks, int[] cuts, long seed) {
    return RetrievalReport.of(ranks, cuts, seed);
  }

  /** Tagged sequences: accuracy by token, and F1 by entity where tags are {@code B-X, I-X, O}. */
  public static MetricReport tagging(
      List<List<String>> truth, List<List<String>> predicted, long seed) {
    return TaggingReport.of(truth, predicted, seed);
  }
}
