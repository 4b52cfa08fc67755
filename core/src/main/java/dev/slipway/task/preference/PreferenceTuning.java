package dev.slipway.task.preference;

import dev.slipway.data.conversation.Sequence;
import dev.slipway.data.conversation.SequenceShard;
import dev.slipway.data.conversation.ShuffledOrder;
import dev.slipway.model.RowExecution;
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
 * A decoder that learns which answers are liked. The loss is summed over pairs, or over rated
 * answers; a micro-batch's pairs are a pure function of its index.
 */
public final class PreferenceTuning
    extends AnswerTuning<PreferenceTuning.Answers, PreferenceScore> {
  private final RowExecution execution;
  private final PreferenceLoss loss;

  /**
   * The answers of a split, with what the reference says of them.
   *
   * @param longest tokens that a sequence may have
   */
  public record Answers(
      SequenceShard shard, ReferenceLogProbabilities reference, int longest, int padId) {
    /** How many pairs or rated answers there are. */
    public int count(PreferenceLoss loss) {
      return loss instanceof PreferenceLoss.Paired ? shard.sequences() / 2 : shard.sequences();
    }

    private AnswerRows rows() {
      return new AnswerRows(shard, longest, padId);
    }
  }

  /**
   * @param parameters those that learn; not closed with this
   * @param execution closed with this
   * @param order of pairs, or of rated answers
   * @param validation null where there is none
   * @param tokenizer that made the sequences, to show the first ones
   * @param recordName of a place among the training split's records
   */
  public PreferenceTuning(
      ParameterSet parameters,
      RowExecution execution,
      PreferenceLoss loss,
      ShuffledOrder order,
      Answers training,
      @Nullable Answers validation,
      Tokenizer tokenizer,
      IntFunction<String> recordName) {
    super(parameters, order, training, validation, tokenizer, recordName);
    this.execution = execution;
    this.loss = loss;
  }

  @Override
  SequenceShard shard(Answers answers) {
    return answers.shard();
  }

  @Override
  int count(Answers answers) {
    return answers.count(loss);
  }

  @Override
  int[] sequences(long[] things) {
    return loss instanceof PreferenceLoss.Paired
        ? ofPairs(things)
        : Arrays.stream(things).mapToInt(Math::toIntExact).toArray();
  }

  @Override
  public double forwardBackward(long index, double scale) {
    long[] chosen = order.batch(index);
    double[] sum = {0};
    execution.forwardBackward(
        training.rows().batch(sequences(chosen)),
        logProbabilities -> {
          double[] derivatives = new double[logProbabilities.length];
          List<PreferenceScore> scores =
              judge(training, chosen, logProbabilities, derivatives, shift(training, chosen));
          scale(derivatives, scale);
          sum[0] = scores.stream().mapToDouble(PreferenceScore::loss).sum();
          return derivatives;
        });
    return sum[0];
  }

  /** KTO's z of a batch; 0 for any other loss. */
  private double shift(Answers answers, long[] things) {
    if (!(loss instanceof PreferenceLoss.Kto)) {
      return 0;
    }
    int[] sequences = sequences(things);
    double[] now = AnswerRows.logProbabilities(execution, answers.rows().mismatched(sequences));
    double sum = 0;
    for (int i = 0; i < now.length; i++) {
      sum += now[i] - answers.reference().mismatched()[sequences[i]];
    }
    return Math.max(0, sum / now.length);
  }

  private List<PreferenceScore> judge(
      Answers answers,
      long[] things,
      double[] logProbabilities,
      double[] derivatives,
      double shift) {
    List<PreferenceScore> scores = new ArrayList<>();
    for (int i = 0; i < things.length; i++) {
      int thing = (int) things[i];
      scores.add(
          switch (loss) {
            case PreferenceLoss.Paired paired ->
                pair(paired, answers, thing, i, things.length + i, logProbabilities, derivatives);
            case PreferenceLoss.Kto kto ->
                rated(kto, answers, thing, i, logProbabilities, derivatives, shift);
          });
    }
    return scores;
  }

  private static PreferenceScore pair(
      PreferenceLoss.Paired loss,
      Answers answers,
      int pair,
      int chosenRow,
      int rejectedRow,
      double[] logProbabilities,
      double[] derivatives) {
    double[] reference = answers.reference().answers();
    PreferenceLoss.Pair given =
        new PreferenceLoss.Pair(
            logProbabilities[chosenRow],
            logProbabilities[rejectedRow],
            reference[2 * pair],
            reference[2 * pair + 1],
            answers.shard().targets(2 * pair),
            answers.shard().targets(2 * pair + 1));
    PreferenceLoss.PairOutcome outcome = loss.of(given);
    derivatives[chosenRow] = outcome.chosen();
    derivatives[rejectedRow] = outcome.rejected();
    return new PreferenceScore(
        outcome.loss(),
        loss.shown(given.chosen(), given.chosenTokens()),
        loss.shown(given.rejected(), given.rejectedTokens()),
        loss.reward(given.chosen(), given.referenceChosen(), given.chosenTokens()),
        loss.reward(given.rejected(), given.referenceRejected(), given.rejectedTokens()));
  }

  private static PreferenceScore rated(
      PreferenceLoss.Kto loss,
      Answers answers,
      int sequence,
      int row,
      double[] logProbabilities,
      double[] derivatives,
      double shift) {
    boolean liked = answers.shard().label(sequence) == 1;
    double logRatio = logProbabilities[row] - answers.reference().answers()[sequence];
    PreferenceLoss.RatedOutcome outcome = loss.of(liked, logRatio, shift);
    derivatives[row] = outcome.derivative();
    double reward = loss.beta() * logRatio;
    return new PreferenceScore(
        outcome.loss(),
        liked ? logProbabilities[row] : Double.NaN,
        liked ? Double.NaN : logProbabilities[row],
        liked ? reward : Double.NaN,
        liked ? Double.NaN : reward);
  }

  @Override
  List<PreferenceScore> scores(Answers answers, long[] things) {
    TokenBatch batch = answers.rows().batch(sequences(things));
    double[] logProbabilities = AnswerRows.logProbabilities(execution, batch);
    return judge(
        answers,
        things,
        logProbabilities,
        new double[logProbabilities.length],
        shift(answers, things));
  }

  @Override
  boolean[] judged(Sequence sequence) {
    return sequence.learnt();
  }

  @Override
  public void parametersChanged() {
    execution.parametersChanged();
  }

  @Override
  double meanLoss(List<PreferenceScore> scores) {
    return mean(scores, PreferenceScore::loss);
  }

  @Override
  SequencedMap<String, Double> figures(List<PreferenceScore> scores) {
    return metrics(scores);
  }

  /** Means over scores, under TRL's names. */
  public static SequencedMap<String, Double> metrics(List<PreferenceScore> scores) {
    SequencedMap<String, Double> means = new LinkedHashMap<>();
    double chosen = mean(scores, PreferenceScore::chosenReward);
    double rejected = mean(scores, PreferenceScore::rejectedReward);
    if (scores.stream().noneMatch(score -> Double.isNaN(score.margin()))) {
      means.put("rewards/accuracies", mean(scores, score -> score.margin() > 0 ? 1 : 0));
    }
    means.put("rewards/margins", chosen - rejected);
    means.put("rewards/chosen", chosen);
    means.put("rewards/rejected", rejected);
    means.put("logps/chosen", mean(scores, PreferenceScore::chosen));
    means.put("logps/rejected", mean(scores, PreferenceScore::rejected));
    means.values().removeIf(value -> Double.isNaN(value));
    return means;
  }

  /** Over what there is. */
  private static double mean(
      List<PreferenceScore> scores, ToDoubleFunction<PreferenceScore> value) {
    return scores.stream()
        .mapToDouble(value)
        .filter(each -> !Double.isNaN(each))
        .average()
        .orElse(Double.NaN);
  }

  @Override
  public void close() {
    execution.close();
  }
}
