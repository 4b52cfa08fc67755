package dev.slipway.train;

import dev.slipway.model.Pass;
import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.task.Objective;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.tensor.kernel.Buffer;
import dev.slipway.tensor.kernel.Flat;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** Looks at the layers during one step, and changes nothing. */
final class LayerWatch implements AutoCloseable {
  /** Looks in a run, beside the one at its first step. */
  private static final long LOOKS = 20;

  private static final Pass.Watch NONE = (layer, output) -> {};

  private final Objective objective;
  private final SequencedMap<String, Counts> outputs = new LinkedHashMap<>();
  private @Nullable Tensor before;

  /** Of one layer, over the micro-batches of a step. */
  private record Counts(long examples, double zeros, double dead, int batches) {}

  LayerWatch(Objective objective) {
    this.objective = objective;
    objective.watchLayers(this::look);
  }

  /** Whether a step, from 0, is looked at: the first, and twenty more. */
  static boolean due(long step, long steps) {
    return step == 0 || (step + 1) % Math.max(1, steps / LOOKS) == 0;
  }

  private void look(String layer, Tensor output) {
    if (output.dim() == 0 || output.numel() == 0) {
      return;
    }
    try (Scope _ = Scope.open();
        NoGrad _ = NoGrad.open()) {
      long examples = output.size(0);
      double zeros = 1 - active(output).mean().item();
      double dead = dead(output);
      outputs.merge(
          layer,
          new Counts(examples, zeros, dead, 1),
          (a, b) ->
              new Counts(
                  a.examples + b.examples,
                  a.zeros + b.zeros,
                  Math.min(a.dead, b.dead),
                  a.batches + b.batches));
    }
  }

  private static Tensor active(Tensor output) {
    return output.detach().ne(0).to(DType.FLOAT32);
  }

  /** Share of the units that are 0 throughout. */
  static double dead(Tensor output) {
    return 1 - byUnit(active(output)).sum(0, false).ne(0).to(DType.FLOAT32).mean().item();
  }

  /**
   * A row for each value that a unit gave: a filter has one at each place of a picture (B, C, H,
   * W), a feature one at each time (B, T, C).
   */
  private static Tensor byUnit(Tensor values) {
    return switch (values.dim()) {
      case 3 -> values.reshape(-1, values.size(2));
      case 4 -> values.permute(0, 2, 3, 1).reshape(-1, values.size(1));
      default -> values.reshape(values.size(0), -1);
    };
  }

  /** To be called when the gradients are whole and the parameters haven't changed. */
  void beforeUpdate() {
    objective.watchLayers(NONE);
    before = objective.parameters().flat().copy();
  }

  /** To be called after the optimizer's step, the gradients still there. */
  TrainEvent.LayersWatched afterUpdate(long step) {
    if (before == null) {
      throw new IllegalStateException("there was no look before the update");
    }
    List<LayerParameters> parameters = parameters(before);
    List<LayerOutput> given = new ArrayList<>();
    outputs.forEach(
        (layer, counts) ->
            given.add(
                new LayerOutput(
                    objective.layerName(layer),
                    counts.examples,
                    counts.zeros / counts.batches,
                    counts.dead)));
    return new TrainEvent.LayersWatched(step, parameters, given, Diagnosis.of(parameters, given));
  }

  /** Squares summed over the parameters of a layer. */
  private static final class Sums {
    private double gradient;
    private double weight;
    private double change;
  }

  /**
   * @param values before the update, which become those of the change: a second copy of all
   *     parameters would be the most that a step has
   */
  private List<LayerParameters> parameters(Tensor values) {
    ParameterSet set = objective.parameters();
    SequencedMap<String, Sums> layers = new LinkedHashMap<>();
    for (ParameterSpec spec : set.specs()) {
      Sums sums = layers.computeIfAbsent(layer(spec), _ -> new Sums());
      sums.gradient += squares(set.flatGradients(), set, spec);
      if (spec.role() != ParameterSpec.Role.VECTOR) {
        sums.weight += squares(values, set, spec);
      }
    }
    try (NoGrad _ = NoGrad.open()) {
      values.addInPlace(set.flat(), -1);
    }
    for (ParameterSpec spec : set.specs()) {
      if (spec.role() != ParameterSpec.Role.VECTOR) {
        layers.computeIfAbsent(layer(spec), _ -> new Sums()).change += squares(values, set, spec);
      }
    }
    List<LayerParameters> parameters = new ArrayList<>();
    layers.forEach(
        (layer, sums) ->
            parameters.add(
                new LayerParameters(
                    layer,
                    Math.sqrt(sums.gradient),
                    Math.sqrt(sums.weight),
                    sums.weight == 0 ? 0 : Math.sqrt(sums.change / sums.weight))));
    return parameters;
  }

  private String layer(ParameterSpec spec) {
    int dot = spec.name().lastIndexOf('.');
    return objective.layerName(dot < 0 ? spec.name() : spec.name().substring(0, dot));
  }

  private static double squares(Tensor flat, ParameterSet set, ParameterSpec spec) {
    long from = set.offset(spec.name());
    return Flat.squaredNorm(Buffer.of(flat), from, from + spec.numel());
  }

  @Override
  public void close() {
    objective.watchLayers(NONE);
  }
}
