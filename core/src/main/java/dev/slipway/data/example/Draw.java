package dev.slipway.data.example;

import java.util.SplittableRandom;

/**
 * Where an example stands in training, so that whatever is drawn for it (a flip, a dropped word) is
 * a pure function of it.
 *
 * @param seed of the run
 * @param epoch from 0
 * @param example index in its set
 */
public record Draw(long seed, long epoch, int example) {
  /** A stream of its own for each step of augmentation: {@code step} counts them. */
  public SplittableRandom random(int step) {
    long mixed = mix(mix(mix(mix(seed) ^ epoch) ^ example) ^ step);
    return new SplittableRandom(mixed);
  }

  /** SplitMix64's finaliser (Steele, Lea, Flood 2014). */
  private static long mix(long value) {
    long z = value + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
