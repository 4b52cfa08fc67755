package dev.slipway.tune;

import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.nn.ProjectionSlot;
import dev.slipway.nn.Weights;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * Low-rank matrices around the projections of one network. Their parameters, under PEFT's names
 * within the model ({@code MODULE.lora_A.weight}), are all that is trained; the network's own stay
 * as they are.
 */
final class LoraAdapter implements Adapter {
  private final TuningMethod method;
  private final ParameterSet parameters;
  private final Dropout dropout;
  private final Wrapping wrapping;
  private final Map<ProjectionSlot, LoraProjection> adapted = new LinkedHashMap<>();

  /**
   * A is drawn evenly up to 1 / √in, B begins as zeros, so that the network answers as before;
   * magnitudes are set to what the weights have.
   *
   * @param method as it is known outside
   * @param lora how it is carried out
   * @param parameters hold {@link #specs}, beside others
   * @param weights of these in the type of the network's products
   */
  LoraAdapter(
      TuningMethod method,
      TuningMethod.Lora lora,
      Collection<ProjectionSlot> slots,
      ParameterSet parameters,
      Weights weights,
      Wrapping wrapping) {
    this.method = method;
    this.parameters = parameters;
    this.wrapping = wrapping;
    dropout = new Dropout(lora.dropout());
    for (ProjectionSlot slot : targets(slots, lora)) {
      @Nullable Tensor magnitude = null;
      if (lora.decomposed()) {
        magnitude = parameters.value(magnitude(slot));
        try (Scope _ = Scope.open();
            NoGrad _ = NoGrad.open()) {
          magnitude.copyInPlace(LoraProjection.rows(Slots.weight(slot.projection())));
        }
      }
      LoraProjection projection =
          new LoraProjection(
              slot.projection(),
              weights.operand(a(slot)),
              weights.operand(b(slot)),
              magnitude,
              lora.scale(),
              dropout);
      adapted.put(slot, projection);
      wrapping.wrap(slot, _ -> projection);
    }
  }

  private static List<ProjectionSlot> targets(
      Collection<ProjectionSlot> slots, TuningMethod.Lora method) {
    return Slots.meant(
        slots,
        slot ->
            method.targets().matches(slot)
                && !ModulesToSave.isIn(method.modulesToSave(), slot.name()));
  }

  /** The matrices of all targets. */
  static List<ParameterSpec> specs(Collection<ProjectionSlot> slots, TuningMethod.Lora method) {
    List<ParameterSpec> specs = new ArrayList<>();
    targets(slots, method).forEach(slot -> specs.addAll(specs(slot, method)));
    return specs;
  }

  private static List<ParameterSpec> specs(ProjectionSlot slot, TuningMethod.Lora method) {
    List<ParameterSpec> specs = new ArrayList<>();
    specs.add(
        new ParameterSpec(
            a(slot),
            List.of((long) method.rank(), slot.in()),
            ParameterSpec.Role.MATRIX,
            new ParameterSpec.Init.Uniform(1 / Math.sqrt(slot.in()))));
    specs.add(
        new ParameterSpec(
            b(slot),
            List.of(slot.out(), (long) method.rank()),
            ParameterSpec.Role.MATRIX,
            new ParameterSpec.Init.Constant(0)));
    if (method.decomposed()) {
      specs.add(ParameterSpec.vector(magnitude(slot), slot.out(), 1));
    }
    return specs;
  }

  private static String a(ProjectionSlot slot) {
    return slot.name() + ".lora_A.weight";
  }

  private static String b(ProjectionSlot slot) {
    return slot.name() + ".lora_B.weight";
  }

  private static String magnitude(ProjectionSlot slot) {
    return slot.name() + ".lora_magnitude_vector";
  }

  @Override
  public TuningMethod method() {
    return method;
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
  public void training(boolean training) {
    dropout.training(training);
  }

  @Override
  public SequencedMap<String, Tensor> merge() {
    return wrapping.merge(
        (slot, base) ->
            new Wrapping.Merged(
                Objects.requireNonNull(adapted.get(slot))
                    .with(parameters.value(a(slot)), parameters.value(b(slot)))
                    .merged(),
                Slots.bias(base)));
  }

  @Override
  public void close() {
    wrapping.close();
  }
}
