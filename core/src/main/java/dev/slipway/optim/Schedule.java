package dev.slipway.optim;

import org.jspecify.annotations.Nullable;

/**
 * The learning rate over a run, as a factor of its peak: a pure function of the step, which {@link
 * ReduceOnPlateau} multiplies with what validations came to.
 *
 * <p>With {@code s} the step from 0, {@code S} the number of steps and {@code W} the warm-up, every
 * schedule begins with {@code (s + 1) / (W + 1)} for {@code s < W}; what follows is its own.
 */
public sealed interface Schedule {
  /** Steps of warm-up, W. */
  long warmup();

  /** The factor after the warm-up. */
  double afterWarmup(long step, long steps);

  /**
   * @param step s, from 0 to {@code steps - 1}
   * @param steps S
   * @return what the peak learning rate is multiplied with
   */
  default double factor(long step, long steps) {
    return step < warmup() ? (step + 1.0) / (warmup() + 1.0) : afterWarmup(step, steps);
  }

  /** Stays at 1. */
  record Constant(long warmup) implements Schedule {
    public Constant {
      checkWarmup(warmup);
    }

    @Override
    public double afterWarmup(long step, long steps) {
      return 1;
    }
  }

  /** Falls in a line: {@code 1 - (1 - floor) (s - W) / (S - W)}. */
  record Linear(long warmup, double floor) implements Schedule {
    public Linear {
      checkWarmup(warmup);
      checkFloor(floor);
    }

    @Override
    public double afterWarmup(long step, long steps) {
      return 1 - (1 - floor) * progress(step, warmup, steps);
    }
  }

  /**
   * Half a cosine: {@code floor + (1 - floor) (1 + cos(π (s - W) / (S - W))) / 2}. Loshchilov and
   * Hutter 2017 (SGDR), equation 5, without restarts.
   */
  record Cosine(long warmup, double floor) implements Schedule {
    public Cosine {
      checkWarmup(warmup);
      checkFloor(floor);
    }

    @Override
    public double afterWarmup(long step, long steps) {
      double cosine = StrictMath.cos(Math.PI * progress(step, warmup, steps));
      return floor + (1 - floor) * (1 + cosine) / 2;
    }
  }

  /**
   * Stays at 1, then falls in a line over the last D steps: {@code 1 - (1 - floor) (s - S + D) / D}
   * from {@code s = S - D} on. Hu et al. 2024 (MiniCPM), section 4; a linear fall as in Hägele et
   * al. 2024, section 3.
   *
   * @param decay D, at most S - W is used
   */
  record WarmupStableDecay(long warmup, long decay, double floor) implements Schedule {
    public WarmupStableDecay {
      checkWarmup(warmup);
      checkFloor(floor);
      if (decay < 0) {
        throw new IllegalArgumentException("decay is " + decay + " steps, expected 0 or more");
      }
    }

    @Override
    public double afterWarmup(long step, long steps) {
      long start = Math.max(warmup, steps - decay);
      return step < start ? 1 : 1 - (1 - floor) * progress(step, start, steps);
    }
  }

  /**
   * Stays at 1, and is multiplied with a factor when the validation loss no longer falls, as
   * PyTorch's {@code ReduceLROnPlateau} of mode min and relative threshold does.
   *
   * @param factor below 1
   * @param patience validations in a row that may be no better; one more lowers the rate
   * @param threshold better is below {@code best (1 - threshold)}
   * @param cooldown validations after a fall that don't count
   * @param floor the least factor
   */
  record ReduceOnPlateau(
      long warmup, double factor, int patience, double threshold, int cooldown, double floor)
      implements Schedule {
    public ReduceOnPlateau {
      checkWarmup(warmup);
      checkFloor(floor);
      if (!(factor > 0 && factor < 1) || patience < 0 || cooldown < 0 || !(threshold >= 0)) {
        throw new IllegalArgumentException(
            "factor "
                + factor
                + ", patience "
                + patience
                + ", threshold "
                + threshold
                + " and cooldown "
                + cooldown
                + ", expected a factor within 0 and 1, the others 0 or more");
      }
    }

    /**
     * What validations came to; it is a part of each checkpoint.
     *
     * @param factor so far
     * @param best validation loss; null before the first
     * @param stale validations since then, or since the last fall
     * @param cooldown validations that don't count yet
     */
    public record State(double factor, @Nullable Double best, int stale, int cooldown) {
      public static final State START = new State(1, null, 0, 0);
    }

    /** After one more validation. */
    public State after(State state, double loss) {
      boolean better = state.best == null || loss < state.best * (1 - threshold);
      Double best = better ? Double.valueOf(loss) : state.best;
      int waiting = Math.max(0, state.cooldown - 1);
      int stale = better || state.cooldown > 0 ? 0 : state.stale + 1;
      return stale > patience
          ? new State(Math.max(floor, state.factor * factor), best, 0, cooldown)
          : new State(state.factor, best, stale, waiting);
    }

    @Override
    public double afterWarmup(long step, long steps) {
      return 1;
    }
  }

  private static double progress(long step, long from, long steps) {
    return steps <= from ? 0 : Math.min(1, (double) (step - from) / (steps - from));
  }

  private static void checkWarmup(long warmup) {
    if (warmup < 0) {
      throw new IllegalArgumentException("warmup is " + warmup + " steps, expected 0 or more");
    }
  }

  private static void checkFloor(double floor) {
    if (!(floor >= 0 && floor <= 1)) {
      throw new IllegalArgumentException("floor is " + floor + ", expected from 0 to 1");
    }
  }
}
