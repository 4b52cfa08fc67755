package dev.slipway.tune;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.nn.Projection;
import dev.slipway.nn.ProjectionSlot;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * Low-rank matrices around the projections of one network. Their parameters, under PEFT's names
 * within the model ({@code MODULE.lora_A.weight}), are all that is trained; the network's own stay
 * as they are. To be closed before the network is.
 */
public final class LoraAdapter implements AutoCloseable {
  private final TuningMethod.Lora method;
  private final ParameterSet parameters;
  private final SequencedMap<ProjectionSlot, LoraProjection> adapted = new LinkedHashMap<>();
  private final List<Tensor> merged = new ArrayList<>();

  private LoraAdapter(TuningMethod.Lora method, ParameterSet parameters) {
    this.method = method;
    this.parameters = parameters;
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
    List<ProjectionSlot> targets = slots.stream().filter(method.targets()::matches).toList();
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
    List<ParameterSpec> specs = new ArrayList<>();
    targets.forEach(slot -> specs.addAll(specs(slot, method)));
    LoraAdapter adapter = new LoraAdapter(method, ParameterSet.allocate(specs));
    adapter.parameters.initialise(seed);
    targets.forEach(adapter::wrap);
    return adapter;
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

  private void wrap(ProjectionSlot slot) {
    Projection base = slot.projection();
    @Nullable Tensor magnitude = null;
    if (method.decomposed()) {
      magnitude = parameters.value(magnitude(slot));
      try (Scope _ = Scope.open();
          NoGrad _ = NoGrad.open()) {
        magnitude.copyInPlace(LoraProjection.rows(LoraProjection.weight(base)));
      }
    }
    LoraProjection projection =
        new LoraProjection(
            base, parameters.value(a(slot)), parameters.value(b(slot)), magnitude, method.scale());
    adapted.put(slot, projection);
    slot.replace(_ -> projection);
  }

  public TuningMethod.Lora method() {
    return method;
  }

  /** Whether the adapted weights are kept as (in, out), as GPT-2's are. */
  boolean storedByInput() {
    return adapted.values().stream().allMatch(p -> p.base() instanceof Projection.Conv1D);
  }

  /** What is trained. */
  public ParameterSet parameters() {
    return parameters;
  }

  /**
   * Puts one dense projection in the place of each adapted one: the same answers at the price of
   * the base model, and nothing to be trained.
   *
   * @return the merged weights (out, in) by their module, which live as long as this
   */
  public SequencedMap<String, Tensor> merge() {
    SequencedMap<String, Tensor> weights = new LinkedHashMap<>();
    for (Map.Entry<ProjectionSlot, LoraProjection> entry : adapted.entrySet()) {
      LoraProjection projection = entry.getValue();
      Tensor weight = projection.merged();
      merged.add(weight);
      weights.put(entry.getKey().name(), weight);
      entry.getKey().replace(_ -> projection.dense(weight));
    }
    return weights;
  }

  /** Puts the network's own projections back. */
  @Override
  public void close() {
    adapted.forEach((slot, projection) -> slot.replace(_ -> projection.base()));
    merged.forEach(Tensor::close);
    parameters.close();
  }
}
