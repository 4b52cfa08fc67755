package dev.slipway.infer.grammar;

import java.util.function.Supplier;

/**
 * What compiling one schema or expression costs in all, counted in steps: states and edges that are
 * made, and values and shapes that are compared, on the way. Steps do not depend on the machine, so
 * that a schema which is refused on one is refused on all.
 */
final class Effort {
  /** A second or two of work. */
  static final long MOST = 12_000_000;

  /** Some 50 ms of work, in which nearly all that is asked for is done. */
  static final long LITTLE = 250_000;

  private static final ScopedValue<Effort> OF_COMPILATION = ScopedValue.newInstance();

  private final long most;
  private long spent;
  private boolean exhausted;

  Effort(long most) {
    this.most = most;
  }

  /** More than {@link #LITTLE}; to be begun again where that delays nobody. */
  static final class MoreThanLittle extends RuntimeException {
    private static final long serialVersionUID = 1;

    MoreThanLittle() {
      super("more than a little work", null, false, false);
    }
  }

  /**
   * Compiles within the bound.
   *
   * @throws dev.slipway.base.SlipwayException {@code constraint.too-large}
   */
  static <T> T bounded(Supplier<T> compiling) {
    return new Effort(MOST).within(compiling);
  }

  /**
   * Compiles what takes little.
   *
   * @throws MoreThanLittle where it takes more
   */
  static <T> T little(Supplier<T> compiling) {
    return new Effort(LITTLE).within(compiling);
  }

  /** Compiles, and counts what it takes. */
  <T> T within(Supplier<T> compiling) {
    return ScopedValue.where(OF_COMPILATION, this).call(compiling::get);
  }

  /** Steps that were made so far, at most as many as there may be. */
  long spent() {
    return spent;
  }

  /** Counts steps, before they are made where they may be many. */
  static void spend(long steps) {
    if (OF_COMPILATION.isBound()) {
      OF_COMPILATION.get().count(steps);
    }
  }

  private void count(long steps) {
    exhausted |= steps > most - spent;
    if (exhausted) {
      if (most < MOST) {
        throw new MoreThanLittle();
      }
      throw Refusal.tooLarge("compiling what is asked for", most, "steps");
    }
    spent += steps;
  }
}
