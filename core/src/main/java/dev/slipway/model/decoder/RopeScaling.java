package dev.slipway.model.decoder;

import java.util.List;

/** How rotary frequencies are changed to reach further than a model was first trained for. */
public sealed interface RopeScaling {
  /** {@code θ^(-2i/D)} as they are. Su et al. 2021. */
  record Default() implements RopeScaling {}

  /** Every frequency divided by {@code factor}. Chen et al. 2023. */
  record Linear(double factor) implements RopeScaling {}

  /** A base that grows with the sequence beyond the trained length ("NTK-aware"). */
  record Dynamic(double factor) implements RopeScaling {}

  /**
   * Low frequencies divided, high ones kept, those between interpolated. Grattafiori et al. 2024.
   *
   * @param original positions of the first training
   */
  record Llama3(double factor, double lowFactor, double highFactor, int original)
      implements RopeScaling {}

  /**
   * Interpolation by parts with scaled attention. Peng et al. 2023.
   *
   * @param attention what cosines and sines are multiplied by
   * @param betaFast rotations over {@code original} above which a frequency is kept
   * @param betaSlow rotations below which it is divided
   * @param truncate whether the range between is rounded to whole dimensions
   */
  record Yarn(
      double factor,
      double attention,
      double betaFast,
      double betaSlow,
      int original,
      boolean truncate)
      implements RopeScaling {}

  /**
   * A divisor for each frequency, others for sequences beyond the trained length. Ding et al. 2024.
   *
   * @param attention what cosines and sines are multiplied by
   */
  record LongRope(
      List<Double> shortFactors, List<Double> longFactors, double attention, int original)
      implements RopeScaling {
    public LongRope {
      shortFactors = List.copyOf(shortFactors);
      longFactors = List.copyOf(longFactors);
    }
  }
}
