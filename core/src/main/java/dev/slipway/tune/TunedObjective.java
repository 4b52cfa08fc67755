package dev.slipway.tune;

import dev.slipway.model.Pass;
import dev.slipway.nn.ParameterSet;
import dev.slipway.task.Objective;
import dev.slipway.task.ShownRow;
import dev.slipway.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * What is learnt with a tuned model, and what its method wants to know of the steps: AdaLoRA's
 * shares of ranks, blocks that begin to learn one after the other.
 *
 * @param task what is learnt; closed with this
 * @param refusing what must not be learnt, once the first batch was shown
 */
public record TunedObjective(Objective task, TunedDecoder model, Runnable refusing)
    implements Objective {
  @Override
  public ParameterSet parameters() {
    return task.parameters();
  }

  @Override
  public int targetCount(long index) {
    return task.targetCount(index);
  }

  @Override
  public double forwardBackward(long index, double scale) {
    return task.forwardBackward(index, scale);
  }

  @Override
  public SequencedMap<String, Tensor> state() {
    SequencedMap<String, Tensor> state = new LinkedHashMap<>(task.state());
    Adapter adapter = model.adapter();
    if (adapter != null) {
      state.putAll(adapter.state());
    }
    return state;
  }

  @Override
  public List<ShownRow> firstBatch() {
    return task.firstBatch();
  }

  @Override
  public String layerName(String layer) {
    return task.layerName(layer);
  }

  @Override
  public void checkFirstBatch() {
    refusing.run();
  }

  @Override
  public void watchLayers(Pass.Watch watch) {
    task.watchLayers(watch);
  }

  @Override
  public void begin(long steps) {
    task.begin(steps);
    Adapter adapter = model.adapter();
    if (adapter != null) {
      adapter.begin(steps);
    }
  }

  @Override
  public double regularise() {
    Adapter adapter = model.adapter();
    return task.regularise() + (adapter == null ? 0 : adapter.regularise());
  }

  @Override
  public void updating(long step) {
    task.updating(step);
    model.learnAtStep(step);
  }

  @Override
  public void stepped(long step, double gradientScale) {
    task.stepped(step, gradientScale);
    Adapter adapter = model.adapter();
    if (adapter != null) {
      adapter.stepped(step, gradientScale);
    }
  }

  @Override
  public void parametersChanged() {
    task.parametersChanged();
  }

  @Override
  public boolean hasValidation() {
    return task.hasValidation();
  }

  @Override
  public double validationLoss(int batches) {
    return task.validationLoss(batches);
  }

  @Override
  public SequencedMap<String, Double> validationMetrics() {
    return task.validationMetrics();
  }

  @Override
  public List<String> recordIds(long index) {
    return task.recordIds(index);
  }

  @Override
  public void close() {
    task.close();
  }
}
