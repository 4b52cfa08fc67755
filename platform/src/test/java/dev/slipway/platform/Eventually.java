package dev.slipway.platform;

import java.time.Duration;

/** Waits for what another thread brings about. */
public final class Eventually {
  /** Much longer than anything takes that is waited for, on a slow machine as well. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final int LOOK_MILLIS = 10;

  private Eventually() {}

  /** What is waited for. */
  public interface Condition {
    boolean holds() throws Exception;
  }

  /**
   * Returns once a condition holds.
   *
   * @param what it is, for who reads why a test failed
   */
  public static void holds(String what, Condition condition) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.holds()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("still not after " + PATIENCE.toSeconds() + " s: " + what);
      }
      Thread.sleep(LOOK_MILLIS);
    }
  }
}
