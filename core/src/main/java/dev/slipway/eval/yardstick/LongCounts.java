package dev.slipway.eval.yardstick;

import java.util.Arrays;

/** Counts of numbers above 0, which are indexed from 0 in the order in which they came. */
final class LongCounts {
  private long[] keys = new long[1_024];
  private int[] counts = new int[1_024];
  private int[] slots = new int[2_048];
  private int size;

  int size() {
    return size;
  }

  int count(int index) {
    return counts[index];
  }

  /** One more of it. */
  void add(long key) {
    int slot = slot(key);
    if (slots[slot] > 0) {
      counts[slots[slot] - 1]++;
      return;
    }
    if (size == keys.length) {
      keys = Arrays.copyOf(keys, 2 * size);
      counts = Arrays.copyOf(counts, 2 * size);
      slots = new int[4 * size];
      for (int i = 0; i < size; i++) {
        slots[slot(keys[i])] = i + 1;
      }
      slot = slot(key);
    }
    keys[size] = key;
    counts[size] = 1;
    slots[slot] = ++size;
  }

  /** Or −1 if it never came. */
  int index(long key) {
    return slots[slot(key)] - 1;
  }

  private int slot(long key) {
    int mask = slots.length - 1;
    long mixed = key * 0x9E3779B97F4A7C15L;
    int slot = (int) (mixed >>> 32) & mask;
    while (slots[slot] > 0 && keys[slots[slot] - 1] != key) {
      slot = slot + 1 & mask;
    }
    return slot;
  }
}
