package dev.slipway.data.conversation;

import dev.slipway.data.KeyedPermutation;
import java.util.Arrays;

/**
 * Which of {@code count} things micro-batch {@code index} holds: a pure function of (seed, epoch,
 * index). Place i·size + j of an endless sequence; in it each epoch is all things once, in an order
 * of its own.
 *
 * @param size things in a micro-batch
 */
public record ShuffledOrder(long count, long seed, int size) {
  public ShuffledOrder {
    if (count < 1 || size < 1) {
      throw new IllegalArgumentException(count + " things in batches of " + size);
    }
  }

  /** What micro-batch {@code index} holds. */
  public long[] batch(long index) {
    long[] result = new long[size];
    long epoch = -1;
    KeyedPermutation permutation = new KeyedPermutation(count, seed, 0);
    for (int i = 0; i < size; i++) {
      long place = index * size + i;
      if (place / count != epoch) {
        epoch = place / count;
        permutation = new KeyedPermutation(count, seed, epoch);
      }
      result[i] = permutation.apply(place % count);
    }
    return result;
  }

  /** How many epochs the first {@code microBatches} are, a fraction included. */
  public double epochs(long microBatches) {
    return (double) Math.multiplyExact(microBatches, size) / count;
  }

  /** How often each thing was in the first {@code microBatches}. */
  public long[] times(long microBatches) {
    long places = Math.multiplyExact(microBatches, size);
    long[] times = new long[Math.toIntExact(count)];
    Arrays.fill(times, places / count);
    KeyedPermutation permutation = new KeyedPermutation(count, seed, places / count);
    for (long place = 0; place < places % count; place++) {
      times[(int) permutation.apply(place)]++;
    }
    return times;
  }
}
