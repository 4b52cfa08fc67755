package dev.slipway.infer.grammar;

import java.util.function.Supplier;

/**
 * What compiling one schema or expression may cost in all, counted in states and edges that are
 * made on the way: each operation has a bound of its own, but a schema may ask for many.
 */
final class Effort {
  /** A second or three of work. */
  static final long MOST = 12_000_000;

  /** Some 50 ms of work, in which nearly all that is asked for is done. */
  static final long LITTLE = 250_000;

  private static final ScopedValue<Effort> OF_COMPILATION = ScopedValue.newInstance();

  private final long most;
  private long spent;

  private Effort(long most) {
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
    return ScopedValue.where(OF_COMPILATION, new Effort(MOST)).call(compiling::get);
  }

  /**
   * Compiles what takes little.
   *
   * @throws MoreThanLittle where it takes more
   */
  static <T> T little(Supplier<T> compiling) {
    return ScopedValue.where(OF_COMPILATION, new Effort(LITTLE)).call(compiling::get);
  }

  static void spend(long states) {
    if (OF_COMPILATION.isBound()) {
      Effort effort = OF_COMPILATION.get();
      effort.spent += states;
      if (effort.spent > effort.most) {
        if (effort.most < MOST) {
          throw new MoreThanLittle();
        }
        throw Refusal.tooLarge("all that the schema asks for");
      }
    }
  }
}
