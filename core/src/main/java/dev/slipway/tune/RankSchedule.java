package dev.slipway.tune;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;

/**
 * How many ranks all matrices of AdaLoRA may have together at a step (Zhang et al. 2023, equation
 * 12): all of them at first, then fewer along a cubic curve, at last as many as were asked for.
 *
 * @param first b⁽⁰⁾, ranks at first
 * @param last b⁽ᵀ⁾, ranks in the end
 * @param total T, number of steps
 * @param initial t_i, steps before the first rank is taken away
 * @param fixed t_f, steps after the last one was
 * @param every Δ_T, steps between two allocations
 */
record RankSchedule(int first, int last, long total, long initial, long fixed, long every) {
  RankSchedule {
    if (initial >= total - fixed) {
      throw new SlipwayException(
          Exit.USAGE,
          "tune.rank-schedule",
          "ranks are to be taken away between step "
              + initial
              + " and step "
              + (total - fixed)
              + " of "
              + total
              + ", expected a first step before the last",
          "lower tune.adalora.initial-steps or tune.adalora.final-steps, or train longer");
    }
  }

  /**
   * What happens after a step, as PEFT has it.
   *
   * @param measured whether importance is updated
   * @param allocated whether ranks are shared out
   * @param settled whether what was taken away stays zero from then on
   * @param budget b⁽ᵗ⁾
   */
  record Due(boolean measured, boolean allocated, boolean settled, int budget) {}

  /**
   * @param step counted from 1
   */
  Due after(long step) {
    long end = total - fixed;
    boolean inTime = step > initial && step % every == 0;
    return new Due(
        step < end, step == end || (step < end && inTime), step > end, budget(Math.min(step, end)));
  }

  private int budget(long step) {
    if (step <= initial) {
      return first;
    }
    double left = 1 - (double) (step - initial) / (total - fixed - initial);
    return (int) ((first - last) * (Math.pow(left, 3)) + last);
  }
}
