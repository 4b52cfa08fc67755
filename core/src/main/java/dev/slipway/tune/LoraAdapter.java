package dev.slipway.tune;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.nn.MasterWeights;
import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.nn.Projection;
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
import java.util.SequencedMap;

/**
 * Low-rank matrices around the projections of one network. Their parameters, under PEFT's names
 * within the model ({@code MODULE.lora_A.weight}), are all that is trained; the network's own stay
 * as they are.
 */
public final class LoraAdapter implements Adapter {
  private final TuningMethod.Lora method;
  private final ParameterSet parameters;
  private final boolean owner;
  private final Dropout dropout;
  private final SequencedMap<ProjectionSlot, LoraProjection> adapted = new LinkedHashMap<>();
  private final List<Tensor> merged = new ArrayList<>();

  private LoraAdapter(TuningMethod.Lora method, ParameterSet parameters, boolean owner) {
    this.method = method;
    this.parameters = parameters;
    this.owner = owner;
    dropout = new Dropout(method.dropout());
  }

  /**
   * Puts new matrices around a network's projections: A drawn evenly up to 1 / √in, B zero, so that
   * the network answers as before; magnitudes as the weights have them.
   *
   * @param slots the network's, in its order
   * @param seed of A
   * @throws SlipwayException {@code tune.no-target} when no projection is meant
   */
  public static LoraAdapter attach(
      Collection<ProjectionSlot> slots, TuningMethod.Lora method, long seed) {
    ParameterSet parameters = ParameterSet.allocate(specs(slots, method));
    parameters.initialise(seed);
    LoraAdapter adapter = new LoraAdapter(method, parameters, true);
    adapter.wrap(slots, new MasterWeights(parameters));
    return adapter;
  }

  /**
   * As {@link #attach}, over matrices that are there.
   *
   * @param parameters hold {@link #specs}, beside others; they stay the caller's
   * @param weights of these parameters in the type of the network's products
   */
  static LoraAdapter around(
      Collection<ProjectionSlot> slots,
      TuningMethod.Lora method,
      ParameterSet parameters,
      Weights weights) {
    LoraAdapter adapter = new LoraAdapter(method, parameters, false);
    adapter.wrap(slots, weights);
    return adapter;
  }

  private static List<ProjectionSlot> targets(
      Collection<ProjectionSlot> slots, TuningMethod.Lora method) {
    List<ProjectionSlot> targets =
        slots.stream()
            .filter(method.targets()::matches)
            .filter(slot -> !ModulesToSave.isIn(method.modulesToSave(), slot.name()))
            .toList();
    if (targets.isEmpty()) {
      throw new SlipwayException(
          Exit.INPUT,
          "tune.no-target",
          "no projection of the model is one of the adapter's targets, expected some of "
              + String.join(
                  ", ",
                  slots.stream().map(s -> s.name().replaceAll(".*\\.", "")).distinct().toList()),
          "name targets that the model has, or all-linear");
    }
    return targets;
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

  private void wrap(Collection<ProjectionSlot> slots, Weights weights) {
    for (ProjectionSlot slot : targets(slots, method)) {
      Projection base = slot.projection();
      if (method.decomposed()) {
        try (Scope _ = Scope.open();
            NoGrad _ = NoGrad.open()) {
          parameters
              .value(magnitude(slot))
              .copyInPlace(LoraProjection.rows(LoraProjection.weight(base)));
        }
      }
      LoraProjection projection =
          new LoraProjection(
              base,
              weights.operand(a(slot)),
              weights.operand(b(slot)),
              method.decomposed() ? parameters.value(magnitude(slot)) : null,
              method.scale(),
              dropout);
      adapted.put(slot, projection);
      slot.replace(_ -> projection);
    }
  }

  public TuningMethod.Lora method() {
    return method;
  }

  /** Whether the adapted weights are kept as (in, out), as GPT-2's are. */
  boolean storedByInput() {
    return adapted.values().stream().allMatch(p -> p.base() instanceof Projection.Conv1D);
  }

  @Override
  public ParameterSet parameters() {
    return parameters;
  }

  @Override
  public void training(boolean training) {
    dropout.training(training);
  }

  @Override
  public SequencedMap<String, Tensor> merge() {
    SequencedMap<String, Tensor> weights = new LinkedHashMap<>();
    for (Map.Entry<ProjectionSlot, LoraProjection> entry : adapted.entrySet()) {
      ProjectionSlot slot = entry.getKey();
      LoraProjection projection =
          entry.getValue().with(parameters.value(a(slot)), parameters.value(b(slot)));
      Tensor weight = projection.merged();
      merged.add(weight);
      weights.put(slot.name(), weight);
      slot.replace(_ -> projection.dense(weight));
    }
    return weights;
  }

  @Override
  public void close() {
    adapted.forEach((slot, projection) -> slot.replace(_ -> projection.base()));
    merged.forEach(Tensor::close);
    if (owner) {
      parameters.close();
    }
  }
}
