package dev.slipway.task.preference;

import dev.slipway.data.conversation.Sequence;
import dev.slipway.data.conversation.SequenceShard;
import dev.slipway.data.conversation.ShuffledOrder;
import dev.slipway.nn.ParameterSet;
import dev.slipway.task.Objective;
import dev.slipway.task.ShownRow;
import dev.slipway.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Learning of answers: of pairs, of which one is liked better, or of rated ones. The loss is summed
 * over them; a micro-batch's are a pure function of its index.
 *
 * @param <D> the answers of a split
 * @param <S> what the model says of a pair, or of a rated answer
 */
abstract class AnswerTuning<D, S> implements Objective {
  /** Of pairs, or of rated answers. */
  final ShuffledOrder order;

  final D training;
  private final ParameterSet parameters;
  private final @Nullable D validation;
  private final Tokenizer tokenizer;
  private final IntFunction<String> recordName;
  private SequencedMap<String, Double> metrics = new LinkedHashMap<>();

  /**
   * @param parameters those that learn; not closed with this
   * @param validation null where there is none
   * @param tokenizer that made the sequences, to show the first ones
   * @param recordName of a place among the training split's records
   */
  AnswerTuning(
      ParameterSet parameters,
      ShuffledOrder order,
      D training,
      @Nullable D validation,
      Tokenizer tokenizer,
      IntFunction<String> recordName) {
    this.parameters = parameters;
    this.order = order;
    this.training = training;
    this.validation = validation;
    this.tokenizer = tokenizer;
    this.recordName = recordName;
  }

  abstract SequenceShard shard(D answers);

  /** How many pairs or rated answers there are. */
  abstract int count(D answers);

  /** Sequences of pairs or rated answers, in the order of a batch's rows. */
  abstract int[] sequences(long[] things);

  /** What the model as it now is says of pairs or rated answers. */
  abstract List<S> scores(D answers, long[] things);

  abstract double meanLoss(List<S> scores);

  abstract SequencedMap<String, Double> figures(List<S> scores);

  /** The places of a sequence that are judged. */
  abstract boolean[] judged(Sequence sequence);

  /** All chosen answers of pairs, then all rejected ones. */
  static int[] ofPairs(long[] pairs) {
    int[] sequences = new int[2 * pairs.length];
    for (int i = 0; i < pairs.length; i++) {
      sequences[i] = (int) (2 * pairs[i]);
      sequences[pairs.length + i] = sequences[i] + 1;
    }
    return sequences;
  }

  static void scale(double[] derivatives, double scale) {
    for (int i = 0; i < derivatives.length; i++) {
      derivatives[i] *= scale;
    }
  }

  /**
   * Scores of the first pairs, or rated answers, of a split by the model as it now is.
   *
   * @param count how many at most
   */
  public final List<S> scores(D answers, int count) {
    List<S> scores = new ArrayList<>();
    int all = Math.min(count, count(answers));
    for (int from = 0; from < all; from += order.size()) {
      long[] things = new long[Math.min(order.size(), all - from)];
      int first = from;
      Arrays.setAll(things, i -> first + i);
      scores.addAll(scores(answers, things));
    }
    return scores;
  }

  @Override
  public final ParameterSet parameters() {
    return parameters;
  }

  @Override
  public final int targetCount(long index) {
    return order.size();
  }

  @Override
  public final List<ShownRow> firstBatch() {
    return Arrays.stream(sequences(order.batch(0)))
        .mapToObj(shard(training)::sequence)
        .map(sequence -> ShownRow.of(sequence.ids(), judged(sequence), tokenizer))
        .toList();
  }

  @Override
  public final boolean hasValidation() {
    return validation != null;
  }

  @Override
  public final double validationLoss(int batches) {
    if (validation == null) {
      throw new IllegalStateException("there is no validation split");
    }
    List<S> scores = scores(validation, Math.multiplyExact(batches, order.size()));
    metrics = figures(scores);
    return meanLoss(scores);
  }

  @Override
  public final SequencedMap<String, Double> validationMetrics() {
    return metrics;
  }

  @Override
  public final List<String> recordIds(long index) {
    return Arrays.stream(sequences(order.batch(index)))
        .mapToObj(sequence -> recordName.apply(shard(training).record(sequence)))
        .distinct()
        .toList();
  }
}
