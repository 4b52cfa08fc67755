package dev.slipway.train;

/** Knows what would fit when memory ran out. */
@FunctionalInterface
public interface MemoryAdvice {
  /**
   * The setting and the number that would fit, as a clause that begins with a verb: {@code set
   * train.batch to 4}.
   */
  String fix(TrainConfig config);
}
