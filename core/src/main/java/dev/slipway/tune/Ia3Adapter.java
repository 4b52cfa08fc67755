package dev.slipway.tune;

import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.nn.Projection;
import dev.slipway.nn.ProjectionSlot;
import dev.slipway.nn.Weights;
import dev.slipway.tensor.Tensor;
import java.util.Collection;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * Trained vectors that keys, values and the inner states of feed-forward parts are multiplied by:
 * {@code y = l ⊙ (W x + b)}, and {@code y = W (l ⊙ x) + b} where the projection ends a feed-forward
 * part. Liu et al. 2022, §3.3.
 */
final class Ia3Adapter implements Adapter {
  private static final String VECTOR = ".ia3_l";

  private final TuningMethod.Ia3 method;
  private final ParameterSet parameters;
  private final Wrapping wrapping;

  /**
   * @param parameters hold {@link #specs}, beside others
   * @param weights of these in the type of the network's products
   */
  Ia3Adapter(
      TuningMethod.Ia3 method,
      Collection<ProjectionSlot> slots,
      ParameterSet parameters,
      Weights weights,
      Wrapping wrapping) {
    this.method = method;
    this.parameters = parameters;
    this.wrapping = wrapping;
    for (ProjectionSlot slot : targets(slots, method)) {
      Tensor vector = weights.operand(slot.name() + VECTOR);
      boolean before = method.isFeedForward(slot);
      wrapping.wrap(slot, base -> new Scaled(base, vector, before));
    }
  }

  @Override
  public TuningMethod.Ia3 method() {
    return method;
  }

  /** Ones, with which the network answers as before. */
  static List<ParameterSpec> specs(Collection<ProjectionSlot> slots, TuningMethod.Ia3 method) {
    return targets(slots, method).stream()
        .map(
            slot ->
                new ParameterSpec(
                    slot.name() + VECTOR,
                    method.isFeedForward(slot) ? List.of(1L, slot.in()) : List.of(slot.out(), 1L),
                    ParameterSpec.Role.VECTOR,
                    new ParameterSpec.Init.Constant(1)))
        .toList();
  }

  private static List<ProjectionSlot> targets(
      Collection<ProjectionSlot> slots, TuningMethod.Ia3 method) {
    return Slots.meant(
        slots,
        slot -> method.isTarget(slot) && !ModulesToSave.isIn(method.modulesToSave(), slot.name()));
  }

  /**
   * @param vector (1, in) where it comes before the projection, else (out, 1)
   */
  private record Scaled(Projection base, Tensor vector, boolean before) implements Projection {
    @Override
    public Tensor apply(Tensor x) {
      Tensor flat = vector.reshape(vector.numel());
      return before ? base.apply(x.mul(flat)) : base.apply(x).mul(flat);
    }
  }

  @Override
  public ParameterSet parameters() {
    return parameters;
  }

  @Override
  public boolean storedByInput() {
    return wrapping.storedByInput();
  }

  @Override
  public SequencedMap<String, Tensor> merge() {
    return wrapping.merge(
        (slot, base) -> {
          Tensor vector = parameters.value(slot.name() + VECTOR);
          Tensor weight = Slots.weight(base).mul(vector); // (out, in)
          @Nullable Tensor bias = Slots.bias(base);
          return new Wrapping.Merged(
              weight,
              bias == null || method.isFeedForward(slot)
                  ? bias
                  : bias.mul(vector.reshape(vector.numel()).to(bias.dtype())));
        });
  }

  @Override
  public void close() {
    wrapping.close();
  }
}
