package dev.slipway.recipe.tuning;

import dev.slipway.eval.metric.ClusterBootstrap;
import dev.slipway.eval.metric.Interval;
import dev.slipway.eval.metric.Proportion;
import dev.slipway.task.preference.RewardScore;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.function.ToDoubleFunction;

/**
 * What a reward model says of the pairs of the test split.
 *
 * @param pairs how many
 * @param figures {@code accuracy}, {@code margin}, {@code loss} and further ones, each with its
 *     interval of 95 %
 * @param longer how often the chosen answer is the longer one, ties counted half: what a model
 *     reaches that has only learnt to like long answers
 * @param worst the pairs that it gets most wrong
 */
public record RewardEvaluation(
    int pairs, SequencedMap<String, Interval> figures, Interval longer, List<Pair> worst) {
  /**
   * A pair as people read it.
   *
   * @param record its id
   * @param chosenReward that of the chosen answer
   * @param rejectedReward that of the other one
   */
  public record Pair(
      String record,
      String prompt,
      String chosen,
      String rejected,
      double chosenReward,
      double rejectedReward) {}

  public RewardEvaluation {
    figures = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(figures));
    worst = List.copyOf(worst);
  }

  /**
   * @param scores at least one
   * @param lengths tokens of each pair's answers, chosen and rejected
   * @param seed of the bootstrap over pairs
   */
  static RewardEvaluation of(
      List<RewardScore> scores, int[][] lengths, List<Pair> worst, long seed) {
    SequencedMap<String, Interval> figures = new LinkedHashMap<>();
    long right = scores.stream().filter(score -> score.margin() > 0).count();
    figures.put("accuracy", Objects.requireNonNull(Proportion.wilson(right, scores.size())));
    figures.put("margin", mean(scores, RewardScore::margin, seed));
    figures.put("loss", mean(scores, RewardScore::loss, seed));
    figures.put("reward-chosen", mean(scores, RewardScore::chosen, seed));
    figures.put("reward-rejected", mean(scores, RewardScore::rejected, seed));
    double[] longer =
        Arrays.stream(lengths)
            .mapToDouble(pair -> pair[0] > pair[1] ? 1 : pair[0] == pair[1] ? 0.5 : 0)
            .toArray();
    return new RewardEvaluation(scores.size(), figures, mean(longer, seed), worst);
  }

  private static Interval mean(
      List<RewardScore> scores, ToDoubleFunction<RewardScore> figure, long seed) {
    return mean(scores.stream().mapToDouble(figure).toArray(), seed);
  }

  private static Interval mean(double[] values, long seed) {
    double[] ones = new double[values.length];
    Arrays.fill(ones, 1);
    return new ClusterBootstrap(seed).ratio(values, ones);
  }
}
