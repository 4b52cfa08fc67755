package dev.slipway.tune;

import dev.slipway.nn.MasterWeights;
import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.nn.ProjectionSlot;
import dev.slipway.nn.Weights;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What each {@link TuningMethod} puts into a network's slots, decoder or encoder. {@link
 * TuningMethod.VirtualTokens} come before texts instead, and to decoders alone: {@link
 * VirtualTokens}.
 */
public final class Adapters {
  private Adapters() {}

  /**
   * The parameters that a method adds; none where the model's own learn.
   *
   * @param slots the network's, in its order
   * @throws dev.slipway.base.SlipwayException {@code tune.no-target} where no projection is meant
   */
  public static List<ParameterSpec> added(TuningMethod method, Collection<ProjectionSlot> slots) {
    return switch (method) {
      case TuningMethod.Full _, TuningMethod.Bitfit _ -> List.of();
      case TuningMethod.Lora lora -> LoraAdapter.specs(slots, lora);
      case TuningMethod.Qlora qlora -> LoraAdapter.specs(slots, qlora.lora());
      case TuningMethod.Adalora adalora -> AdaloraAdapter.specs(slots, adalora);
      case TuningMethod.Bottleneck bottleneck -> BottleneckAdapter.specs(slots, bottleneck);
      case TuningMethod.Ia3 ia3 -> Ia3Adapter.specs(slots, ia3);
      case TuningMethod.VirtualTokens tokens -> throw needsDecoder(tokens);
    };
  }

  private static IllegalArgumentException needsDecoder(TuningMethod.VirtualTokens method) {
    return new IllegalArgumentException(method + " puts nothing into projections");
  }

  /** The model's own parameters that learn, in its order. */
  public static List<ParameterSpec> own(TuningMethod method, List<ParameterSpec> parameters) {
    return switch (method) {
      case TuningMethod.Full full -> FrozenNames.learning(parameters, full);
      case TuningMethod.Bitfit _ -> Biases.of(parameters);
      case TuningMethod.Bottleneck _, TuningMethod.VirtualTokens _ -> List.of();
      case TuningMethod.Lora _, TuningMethod.Qlora _, TuningMethod.Adalora _, TuningMethod.Ia3 _ ->
          ModulesToSave.of(parameters, modulesToSave(method));
    };
  }

  /** Modules that learn whole beside what a method adds. */
  static List<String> modulesToSave(TuningMethod method) {
    return switch (method) {
      case TuningMethod.Lora lora -> lora.modulesToSave();
      case TuningMethod.Qlora qlora -> qlora.modulesToSave();
      case TuningMethod.Adalora adalora -> adalora.modulesToSave();
      case TuningMethod.Ia3 ia3 -> ia3.modulesToSave();
      case TuningMethod.Full _,
          TuningMethod.Bitfit _,
          TuningMethod.Bottleneck _,
          TuningMethod.VirtualTokens _ ->
          List.of();
    };
  }

  /**
   * Puts what a method adds into the slots; null where the model's own parameters learn.
   *
   * @param parameters hold {@link #added}, beside others; they stay the caller's
   * @param weights of these parameters in the type of the network's products
   */
  public static @Nullable Adapter around(
      TuningMethod method,
      Collection<ProjectionSlot> slots,
      ParameterSet parameters,
      Weights weights) {
    return around(method, slots, parameters, weights, new Wrapping(null));
  }

  private static @Nullable Adapter around(
      TuningMethod method,
      Collection<ProjectionSlot> slots,
      ParameterSet parameters,
      Weights weights,
      Wrapping wrapping) {
    return switch (method) {
      case TuningMethod.Full _, TuningMethod.Bitfit _ -> null;
      case TuningMethod.Lora lora ->
          new LoraAdapter(lora, lora, slots, parameters, weights, wrapping);
      case TuningMethod.Qlora qlora ->
          new LoraAdapter(qlora, qlora.lora(), slots, parameters, weights, wrapping);
      case TuningMethod.Adalora adalora ->
          new AdaloraAdapter(adalora, slots, parameters, weights, wrapping);
      case TuningMethod.Bottleneck bottleneck ->
          new BottleneckAdapter(bottleneck, slots, parameters, weights, wrapping);
      case TuningMethod.Ia3 ia3 -> new Ia3Adapter(ia3, slots, parameters, weights, wrapping);
      case TuningMethod.VirtualTokens tokens -> throw needsDecoder(tokens);
    };
  }

  /** Puts what a method adds into a network's slots, with first values and room of its own. */
  public static Adapter attach(TuningMethod method, Collection<ProjectionSlot> slots, long seed) {
    return owning(method, slots, added(method, slots), seed);
  }

  /** As {@link #attach}, with other shapes than those at first. */
  static Adapter owning(
      TuningMethod method, Collection<ProjectionSlot> slots, List<ParameterSpec> specs, long seed) {
    ParameterSet parameters = ParameterSet.allocate(specs);
    try {
      parameters.initialise(seed);
      Adapter adapter =
          around(
              method, slots, parameters, new MasterWeights(parameters), new Wrapping(parameters));
      if (adapter == null) {
        throw new IllegalArgumentException(method + " adds nothing to a model");
      }
      return adapter;
    } catch (RuntimeException e) {
      parameters.close();
      throw e;
    }
  }
}
