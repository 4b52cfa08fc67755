package dev.slipway.tokenizer;

import java.util.Arrays;

/** Numbers pairs of ids from 0 on in the order in which they are added. */
final class PairTable {
  private static final long MIX = 0x9E3779B97F4A7C15L;

  private int[] slots; // number of a pair plus one, 0 when free
  private long[] pairs;
  private int size;

  PairTable(int expected) {
    int capacity = Integer.highestOneBit(Math.max(16, expected) * 2 - 1) * 2;
    slots = new int[capacity];
    pairs = new long[capacity / 2 + 1];
  }

  /** Two ids as one number, which orders as the ids do. */
  static long pair(int left, int right) {
    return (long) left << 32 | right;
  }

  static int left(long pair) {
    return (int) (pair >>> 32);
  }

  static int right(long pair) {
    return (int) pair;
  }

  long pair(int number) {
    return pairs[number];
  }

  /** The number of a pair, or -1. */
  int find(long pair) {
    return slots[slot(pair)] - 1;
  }

  int findOrAdd(long pair) {
    int slot = slot(pair);
    if (slots[slot] != 0) {
      return slots[slot] - 1;
    }
    if (size == pairs.length) {
      pairs = Arrays.copyOf(pairs, IntArray.grown(size, size + 1));
    }
    pairs[size] = pair;
    slots[slot] = ++size;
    if (size > slots.length >> 1) {
      rehash();
    }
    return size - 1;
  }

  private int slot(long pair) {
    int mask = slots.length - 1;
    int slot = (int) (pair * MIX >>> 32) & mask;
    while (slots[slot] != 0 && pairs[slots[slot] - 1] != pair) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private void rehash() {
    slots = new int[Math.multiplyExact(slots.length, 2)];
    for (int number = 0; number < size; number++) {
      slots[slot(pairs[number])] = number + 1;
    }
  }
}
