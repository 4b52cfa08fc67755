package dev.slipway.tensor.kernel;

import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;

/** Sums over rows, one for each slice, added up in the slices' order: the same bits every time. */
public final class Partials {
  private final long address;
  private final int stride;

  /** Room for {@code width} sums of each slice, which lives as long as the arena. */
  public Partials(Arena arena, int width) {
    stride = Lanes.padded(width) + 16;
    address = arena.allocate(4L * stride * Team.SLICES, 64).address();
  }

  /** The zeroed room of a slice. */
  public long begin(int slice) {
    long room = address + 4L * stride * slice;
    Row.zero(room, 4L * stride);
    return room;
  }

  /** Adds {@code count} sums, from the {@code from}th on, to a gradient. */
  public void addTo(@Nullable Buffer gradient, int from, int count) {
    if (gradient != null) {
      long target = gradient.floats(count);
      for (int slice = 0; slice < Team.SLICES; slice++) {
        Row.accumulateExact(address + 4L * (stride * (long) slice + from), target, count);
      }
    }
  }
}
