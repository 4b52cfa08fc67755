package dev.slipway.tune;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.nn.Nf4Projection;
import dev.slipway.nn.Projection;
import dev.slipway.nn.ProjectionSlot;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Tensor;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What methods ask of a network's slots, and of the projections that stand in them. */
final class Slots {
  private Slots() {}

  /**
   * Those that a method means, in the network's order.
   *
   * @throws SlipwayException {@code tune.no-target} when there are none
   */
  static List<ProjectionSlot> meant(
      Collection<ProjectionSlot> slots, Predicate<ProjectionSlot> which) {
    List<ProjectionSlot> meant = slots.stream().filter(which).toList();
    if (meant.isEmpty()) {
      throw new SlipwayException(
          Exit.INPUT,
          "tune.no-target",
          "no projection of the model is one of the adapter's targets, expected some of "
              + slots.stream()
                  .map(slot -> slot.name().replaceAll(".*\\.", ""))
                  .distinct()
                  .collect(Collectors.joining(", ")),
          "name targets that the model has, or all-linear");
    }
    return meant;
  }

  /** Base weight as (out, in) in float32. */
  static Tensor weight(Projection base) {
    return switch (base) {
      case Projection.Dense(Tensor weight, _) -> weight.to(DType.FLOAT32);
      case Projection.Conv1D(Tensor weight, _) -> weight.transpose(0, 1).to(DType.FLOAT32);
      case Nf4Projection quantized -> quantized.weight();
      default ->
          throw new IllegalArgumentException("a " + base.getClass() + " has no plain weight");
    };
  }

  static @Nullable Tensor bias(Projection base) {
    return switch (base) {
      case Projection.Dense(_, Tensor bias) -> bias;
      case Projection.Conv1D(_, Tensor bias) -> bias;
      case Nf4Projection quantized -> quantized.bias();
      default -> throw new IllegalArgumentException("a " + base.getClass() + " has no plain bias");
    };
  }
}
