package dev.slipway.tune;

import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.Projection;
import dev.slipway.nn.ProjectionSlot;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Projections that stand around a network's own for a while. */
final class Wrapping implements AutoCloseable {
  private final SequencedMap<ProjectionSlot, Projection> own = new LinkedHashMap<>();
  private final List<Tensor> merged = new ArrayList<>();
  private final @Nullable ParameterSet owned;

  /**
   * @param owned parameters that are closed with this; null where they are somebody else's
   */
  Wrapping(@Nullable ParameterSet owned) {
    this.owned = owned;
  }

  /** Puts another projection around what stands in a slot. */
  void wrap(ProjectionSlot slot, UnaryOperator<Projection> around) {
    own.put(slot, slot.projection());
    slot.replace(around);
  }

  /** Whether the network's own weights are kept as (in, out), as GPT-2's are. */
  boolean storedByInput() {
    return own.values().stream().allMatch(Projection.Conv1D.class::isInstance);
  }

  /** A weight (out, in) that stands for what was wrapped, and a bias. */
  record Merged(Tensor weight, @Nullable Tensor bias) {}

  /** What a slot's projection and the network's own come to. */
  @FunctionalInterface
  interface Merging {
    Merged of(ProjectionSlot slot, Projection own);
  }

  /**
   * Dense projections in all slots.
   *
   * @return weights as the checkpoint stores them by module, and biases that changed by {@code
   *     MODULE.bias}
   */
  SequencedMap<String, Tensor> merge(Merging merging) {
    SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
    own.forEach(
        (slot, base) -> {
          try (Scope scope = Scope.open();
              NoGrad _ = NoGrad.open()) {
            Merged dense = merging.of(slot, base);
            Tensor weight = scope.keep(dense.weight.contiguous());
            merged.add(weight);
            Tensor stored = weight;
            if (base instanceof Projection.Conv1D) {
              stored = scope.keep(weight.transpose(0, 1).contiguous());
              merged.add(stored);
            }
            tensors.put(slot.name(), stored);
            Tensor bias = dense.bias;
            if (bias != null && bias != Slots.bias(base)) {
              merged.add(scope.keep(bias));
              tensors.put(slot.name() + ".bias", bias);
            }
            slot.replace(_ -> new Projection.Dense(weight, bias));
          }
        });
    return tensors;
  }

  /** Puts the network's own back. */
  @Override
  public void close() {
    own.forEach((slot, base) -> slot.replace(_ -> base));
    merged.forEach(Tensor::close);
    if (owned != null) {
      owned.close();
    }
  }
}
