package dev.slipway.tensor.kernel.infer;

import dev.slipway.tensor.kernel.Pages;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Room for weights, one after the other in a few large mappings. Matrices of some megabytes, each
 * in a mapping of its own, would lie in small pages for the most part, whose addresses a reader at
 * the memory's speed waits for.
 */
public final class WeightMemory {
  private static final long MAPPED = 64L << 20;

  private final Arena arena;
  private long next;
  private long end;

  /**
   * @param arena by which all of it is given back
   */
  public WeightMemory(Arena arena) {
    this.arena = arena;
  }

  Arena arena() {
    return arena;
  }

  /** Address of so many bytes, 64-byte aligned. */
  synchronized long take(long bytes) {
    long size = (bytes + 63) / 64 * 64;
    if (size > end - next) {
      MemorySegment mapped = Pages.allocate(arena, Math.max(MAPPED, size));
      next = mapped.address();
      end = next + mapped.byteSize();
    }
    long at = next;
    next += size;
    return at;
  }
}
