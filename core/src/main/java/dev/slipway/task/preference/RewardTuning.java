package dev.slipway.task.preference;

import dev.slipway.data.conversation.Sequence;
import dev.slipway.data.conversation.SequenceShard;
import dev.slipway.data.conversation.ShuffledOrder;
import dev.slipway.model.ScoreExecution;
import dev.slipway.model.decoder.ScoringConfig;
import dev.slipway.nn.ParameterSet;
import dev.slipway.tokenizer.TokenBatch;
import dev.slipway.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.IntFunction;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * A decoder that learns to score answers as people like them, from pairs. The loss is summed over
 * pairs; a micro-batch's pairs are a pure function of its index.
 */
public final class RewardTuning extends AnswerTuning<RewardTuning.Pairs, RewardScore> {
  private final ScoreExecution execution;
  private final RewardLoss loss;

  /**
   * The pairs of a split: chosen and rejected one after the other.
   *
   * @param margins of each pair; empty where there are none
   * @param padId fills rows up
   */
  public record Pairs(SequenceShard shard, double[] margins, ScoringConfig config, int padId) {
    /** How many there are. */
    public int count() {
      return shard.sequences() / 2;
    }

    private double margin(int pair) {
      return margins.length == 0 ? 0 : margins[pair];
    }

    private TokenBatch batch(int[] sequences) {
      return config.batch(
          Arrays.stream(sequences).mapToObj(i -> shard.sequence(i).ids()).toList(), padId);
    }
  }

  /**
   * @param parameters those that learn; not closed with this
   * @param execution closed with this
   * @param order of pairs
   * @param validation null where there is none
   * @param tokenizer that made the sequences, to show the first ones
   * @param recordName of a place among the training split's records
   */
  public RewardTuning(
      ParameterSet parameters,
      ScoreExecution execution,
      RewardLoss loss,
      ShuffledOrder order,
      Pairs training,
      @Nullable Pairs validation,
      Tokenizer tokenizer,
      IntFunction<String> recordName) {
    super(parameters, order, training, validation, tokenizer, recordName);
    this.execution = execution;
    this.loss = loss;
  }

  @Override
  SequenceShard shard(Pairs pairs) {
    return pairs.shard();
  }

  @Override
  int count(Pairs pairs) {
    return pairs.count();
  }

  @Override
  int[] sequences(long[] pairs) {
    return ofPairs(pairs);
  }

  @Override
  public double forwardBackward(long index, double scale) {
    long[] pairs = order.batch(index);
    double[] sum = {0};
    execution.forwardBackward(
        training.batch(sequences(pairs)),
        rewards -> {
          double[] derivatives = new double[rewards.length];
          for (RewardScore score : judge(training, pairs, rewards, derivatives)) {
            sum[0] += score.loss();
          }
          scale(derivatives, scale);
          return derivatives;
        });
    return sum[0];
  }

  private List<RewardScore> judge(
      Pairs pairs, long[] chosen, double[] rewards, double[] derivatives) {
    List<RewardScore> scores = new ArrayList<>();
    for (int i = 0; i < chosen.length; i++) {
      int other = chosen.length + i;
      PreferenceLoss.PairOutcome outcome =
          loss.of(rewards[i], rewards[other], pairs.margin((int) chosen[i]));
      derivatives[i] = outcome.chosen();
      derivatives[other] = outcome.rejected();
      scores.add(new RewardScore(outcome.loss(), rewards[i], rewards[other]));
    }
    return scores;
  }

  @Override
  List<RewardScore> scores(Pairs pairs, long[] chosen) {
    double[] rewards = execution.scores(pairs.batch(sequences(chosen)));
    return judge(pairs, chosen, rewards, new double[rewards.length]);
  }

  @Override
  boolean[] judged(Sequence sequence) {
    boolean[] scored = new boolean[sequence.ids().length];
    scored[training.config().place(sequence.ids())] = true;
    return scored;
  }

  @Override
  public void parametersChanged() {
    execution.parametersChanged();
  }

  @Override
  double meanLoss(List<RewardScore> scores) {
    return mean(scores, RewardScore::loss);
  }

  @Override
  SequencedMap<String, Double> figures(List<RewardScore> scores) {
    return metrics(scores);
  }

  /** Under TRL's names. */
  public static SequencedMap<String, Double> metrics(List<RewardScore> scores) {
    SequencedMap<String, Double> metrics = new LinkedHashMap<>();
    metrics.put("accuracy", mean(scores, score -> score.margin() > 0 ? 1 : 0));
    metrics.put("margin", mean(scores, RewardScore::margin));
    metrics.put("mean_reward", mean(scores, score -> (score.chosen() + score.rejected()) / 2));
    metrics.put("min_reward", extreme(scores, -1));
    metrics.put("max_reward", extreme(scores, 1));
    return metrics;
  }

  private static double mean(List<RewardScore> scores, ToDoubleFunction<RewardScore> value) {
    return scores.stream().mapToDouble(value).average().orElse(Double.NaN);
  }

  /** The largest reward in a direction. */
  private static double extreme(List<RewardScore> scores, int direction) {
    return direction
        * scores.stream()
            .mapToDouble(s -> Math.max(direction * s.chosen(), direction * s.rejected()))
            .max()
            .orElse(Double.NaN);
  }

  @Override
  public void close() {
    execution.close();
  }
}
