package dev.slipway.infer.grammar;

import java.util.function.Supplier;

/**
 * What compiling one schema or expression may cost in all, counted in states and edges that are
 * made on the way: each operation has a bound of its own, but a schema may ask for many.
 */
final class Effort {
  /** A second or three of work. */
  static final long MOST = 12_000_000;

  private static final ScopedValue<Effort> OF_COMPILATION = ScopedValue.newInstance();

  private long spent;

  private Effort() {}

  /**
   * Compiles within the bound.
   *
   * @throws dev.slipway.base.SlipwayException {@code constraint.too-large}
   */
  static <T> T bounded(Supplier<T> compiling) {
    return ScopedValue.where(OF_COMPILATION, new Effort()).call(compiling::get);
  }

  static void spend(long states) {
    if (OF_COMPILATION.isBound()) {
      Effort effort = OF_COMPILATION.get();
      effort.spent += states;
      if (effort.spent > MOST) {
        throw Refusal.tooLarge("all that the schema asks for");
      }
    }
  }
}
