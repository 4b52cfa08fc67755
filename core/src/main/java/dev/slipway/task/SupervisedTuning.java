package dev.slipway.task;

import dev.slipway.data.conversation.SequenceRows;
import dev.slipway.data.conversation.ShuffledOrder;
import dev.slipway.model.Execution;
import dev.slipway.nn.ParameterSet;
import dev.slipway.tokenizer.TokenBatch;
import dev.slipway.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Learning what the assistant of conversations says: the loss is the cross-entropy in nats of every
 * learnt token given those before it in its conversation. Rows of conversations are drawn anew each
 * epoch; a micro-batch is a pure function of its index.
 */
public final class SupervisedTuning implements Objective {
  private static final boolean[] NO_MARKS = {};

  private final ParameterSet parameters;
  private final Execution execution;
  private final Tokenizer tokenizer;
  private final SequenceRows training;
  private final ShuffledOrder order;
  private final SequenceRows validation;
  private final IntFunction<String> recordName;

  /**
   * @param parameters those that the execution works on; not closed with this
   * @param execution closed with this
   * @param tokenizer that made the rows, to show the first ones
   * @param order of the training rows
   * @param validation rows in their order
   * @param recordName of a place among the training split's records
   */
  public SupervisedTuning(
      ParameterSet parameters,
      Execution execution,
      Tokenizer tokenizer,
      SequenceRows training,
      ShuffledOrder order,
      SequenceRows validation,
      IntFunction<String> recordName) {
    this.parameters = parameters;
    this.execution = execution;
    this.tokenizer = tokenizer;
    this.training = training;
    this.order = order;
    this.validation = validation;
    this.recordName = recordName;
  }

  @Override
  public ParameterSet parameters() {
    return parameters;
  }

  @Override
  public int targetCount(long index) {
    return Arrays.stream(order.batch(index)).mapToInt(training::targets).sum();
  }

  @Override
  public double forwardBackward(long index, double scale) {
    return execution.forwardBackward(training.batch(order.batch(index)), scale);
  }

  @Override
  public List<ShownRow> firstBatch() {
    long[] rows = order.batch(0);
    int[] lengths = new int[rows.length];
    for (int i = 0; i < rows.length; i++) {
      lengths[i] = Arrays.stream(training.sequences(rows[i])).map(training.shard()::length).sum();
    }
    return ShownRow.of(training.batch(rows), lengths, tokenizer);
  }

  @Override
  public void parametersChanged() {
    execution.parametersChanged();
  }

  @Override
  public double validationLoss(int batches) {
    double sum = 0;
    long targets = 0;
    int rows = (int) Math.min(validation.count(), (long) batches * order.size());
    for (int from = 0; from < rows; from += order.size()) {
      long[] chosen = new long[Math.min(order.size(), rows - from)];
      for (int i = 0; i < chosen.length; i++) {
        chosen[i] = from + i;
      }
      TokenBatch batch = validation.batch(chosen);
      for (float loss : execution.losses(batch, NO_MARKS)) {
        sum += loss;
      }
      targets += batch.targetCount();
    }
    return sum / targets;
  }

  @Override
  public List<String> recordIds(long index) {
    List<String> ids = new ArrayList<>();
    for (long row : order.batch(index)) {
      for (int sequence : training.sequences(row)) {
        ids.add(recordName.apply(training.shard().record(sequence)));
      }
    }
    return ids;
  }

  @Override
  public void close() {
    execution.close();
  }
}
