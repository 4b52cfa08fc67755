package dev.slipway.task;

import dev.slipway.data.ShuffledBatches;
import dev.slipway.data.TokenWindows;
import dev.slipway.model.Execution;
import dev.slipway.nn.ParameterSet;
import dev.slipway.tokenizer.TokenBatch;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Predicting the next token: the loss is the cross-entropy in nats of every token given those
 * before it in its document and window.
 */
public final class LanguageModelling implements Objective {
  private static final boolean[] NO_MARKS = {};

  private final ParameterSet parameters;
  private final Execution execution;
  private final ShuffledBatches training;
  private final @Nullable TokenWindows validation;
  private final int validationRows;

  /**
   * @param parameters those that the execution works on; not closed with this
   * @param execution closed with this
   * @param validation windows in their order, or null when there are none
   * @param validationRows rows of a validation batch
   */
  public LanguageModelling(
      ParameterSet parameters,
      Execution execution,
      ShuffledBatches training,
      @Nullable TokenWindows validation,
      int validationRows) {
    this.parameters = parameters;
    this.execution = execution;
    this.training = training;
    this.validation = validation;
    this.validationRows = validationRows;
  }

  @Override
  public ParameterSet parameters() {
    return parameters;
  }

  @Override
  public int targetCount(long index) {
    return training.targetCount(index);
  }

  @Override
  public double forwardBackward(long index, double scale) {
    return execution.forwardBackward(training.batch(index), scale);
  }

  @Override
  public void parametersChanged() {
    execution.parametersChanged();
  }

  @Override
  public boolean hasValidation() {
    return validation != null;
  }

  @Override
  public double validationLoss(int batches) {
    if (validation == null) {
      throw new IllegalStateException("there is no validation split");
    }
    double sum = 0;
    long targets = 0;
    long count = Math.min(batches, validation.batches(validationRows));
    for (long index = 0; index < count; index++) {
      TokenBatch batch = validation.batch(index, validationRows);
      for (float loss : execution.losses(batch, NO_MARKS)) {
        sum += loss;
      }
      targets += batch.targetCount();
    }
    return sum / targets;
  }

  @Override
  public List<String> recordIds(long index) {
    return training.recordIds(index);
  }

  @Override
  public void close() {
    execution.close();
  }
}
