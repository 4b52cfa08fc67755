package dev.slipway.cli.process;

import dev.slipway.tensor.Engine;

/** What a stage of a run leaves behind in this process. */
public final class Leftovers {
  private Leftovers() {}

  /**
   * Gives it back to the system, so that the next stage does not come on top of it: Java's heap
   * keeps what reading left there until its old generation is full, and the C library what was
   * freed. Takes some tenths of a second.
   */
  public static void giveBack() {
    System.gc();
    Engine.releaseFreed();
  }
}
