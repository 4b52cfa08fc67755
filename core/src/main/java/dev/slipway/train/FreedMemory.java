package dev.slipway.train;

import dev.slipway.tensor.Engine;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Gives the system back what the C library keeps of tensors that were freed. Between steps' tensors
 * of many sizes there come to be gaps that nothing fits into: a process that needs 1.8 GB for a
 * step had 2.9 after 300 of them. What is given back has to be zeroed again once it is wanted, so
 * it is done when a run has outgrown its first steps, not after each of them.
 */
final class FreedMemory {
  private static final long STEPS = 8;
  private static final double GROWTH = 1.05;
  private static final long PAUSE = Duration.ofSeconds(10).toNanos();

  private final LongSupplier resident;
  private final Runnable release;
  private final LongSupplier nanos;
  private long steps;
  private long needed;
  private long looked;

  FreedMemory() {
    this(Engine::residentBytes, Engine::releaseFreed, System::nanoTime);
  }

  /**
   * @param resident bytes of this process
   * @param release gives back what was freed
   */
  FreedMemory(LongSupplier resident, Runnable release, LongSupplier nanos) {
    this.resident = resident;
    this.release = release;
    this.nanos = nanos;
    looked = nanos.getAsLong();
  }

  /** After each step. */
  void stepped() {
    steps++;
    if (steps > STEPS && nanos.getAsLong() - looked < PAUSE) {
      return;
    }
    long bytes = resident.getAsLong();
    if (steps <= STEPS) {
      needed = Math.max(needed, bytes);
    } else if (bytes > GROWTH * needed) {
      release.run();
      needed = Math.max(needed, resident.getAsLong()); // what is left is in use
    }
    looked = nanos.getAsLong();
  }
}
