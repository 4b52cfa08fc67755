package dev.slipway.plan;

import dev.slipway.model.gpt.GptConfig;
import java.util.Comparator;
import java.util.List;

/**
 * Seconds of a training step. A simple sum of what is counted, {@code operations / peak + bytes /
 * bandwidth + calls}, is multiplied with what measured steps of the same kind took beside it,
 * interpolated over the logarithm of the operations. (The roofline of Williams et al. 2009, without
 * overlap, corrected by measurement.)
 */
public final class SpeedModel {
  /** Part of the large products' speed that a network's smaller ones reach. */
  private static final double PRODUCTS = 0.75;

  private static final double KERNEL_LAYER = 200e-6;
  private static final double AUTOGRAD_LAYER = 900e-6;

  private final MachineProfile machine;
  private final List<Correction> corrections;

  private record Correction(RunShape shape, double logFlops, double factor) {}

  public SpeedModel(MachineProfile machine) {
    this.machine = machine;
    corrections =
        machine.probes().stream()
            .map(
                p ->
                    new Correction(
                        p.shape(), logFlops(p.shape()), p.seconds() / counted(p.shape())))
            .sorted(Comparator.comparingDouble(Correction::logFlops))
            .toList();
  }

  /** Seconds of a whole step: its micro-batches and the update. */
  public double secondsPerStep(RunShape shape) {
    return counted(shape) * correction(shape);
  }

  public double tokensPerSecond(RunShape shape) {
    return shape.tokensPerStep() / secondsPerStep(shape);
  }

  /** Whether a measured step of the same kind stands behind the answer. */
  public boolean isMeasured(RunShape shape) {
    return corrections.stream().anyMatch(c -> sameKind(c.shape, shape));
  }

  private static boolean sameKind(RunShape a, RunShape b) {
    return a.way() == b.way() && a.precision() == b.precision();
  }

  private double correction(RunShape shape) {
    List<Correction> same = corrections.stream().filter(c -> sameKind(c.shape, shape)).toList();
    if (same.isEmpty()) {
      return 1;
    }
    double at = logFlops(shape);
    Correction below = same.getFirst();
    Correction above = same.getLast();
    for (Correction correction : same) {
      if (correction.logFlops <= at) {
        below = correction;
      }
    }
    for (Correction correction : same.reversed()) {
      if (correction.logFlops >= at) {
        above = correction;
      }
    }
    double span = above.logFlops - below.logFlops;
    double weight = span <= 0 ? 0 : Math.clamp((at - below.logFlops) / span, 0.0, 1.0);
    return Math.exp((1 - weight) * Math.log(below.factor) + weight * Math.log(above.factor));
  }

  private static double logFlops(RunShape shape) {
    return Math.log(TrainingFlops.perToken(shape.config()) * shape.tokensPerMicroBatch());
  }

  private double counted(RunShape shape) {
    GptConfig config = shape.config();
    double again = shape.checkpointing() ? 4.0 / 3 : 1;
    double products =
        again
            * shape.tokensPerStep()
            * TrainingFlops.perToken(config)
            / (machine.peak(shape) * PRODUCTS);
    double elements =
        config.layers()
            * (24.0 * config.hiddenSize()
                + 10.0 * config.intermediateSize()
                + 3.0 * config.heads() * config.context());
    double memory = again * shape.tokensPerStep() * elements * shape.width() / machine.bandwidth();
    double calls =
        again
            * shape.accumulate()
            * (config.layers() + 1)
            * switch (shape.way()) {
              case KERNELS -> KERNEL_LAYER;
              case AUTOGRAD -> AUTOGRAD_LAYER;
            };
    // Weights, gradients and two moments are read, three of them written, and a shadow.
    double update = 30.0 * config.parameterCount() / machine.bandwidth();
    double orthogonal =
        switch (shape.update()) {
          case ADAMW -> 0;
          case MUON -> TrainingFlops.muonUpdate(config) / (machine.peak(shape) * PRODUCTS);
        };
    return products + memory + calls + update + orthogonal;
  }
}
