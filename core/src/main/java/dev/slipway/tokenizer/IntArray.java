package dev.slipway.tokenizer;

import java.util.Arrays;

/** Ints, as many as are added. */
final class IntArray {
  private static final int LONGEST_ARRAY = Integer.MAX_VALUE - 8;

  private int[] values;
  private int size;

  IntArray(int capacity) {
    values = new int[Math.max(4, capacity)];
  }

  void add(int value) {
    if (size == values.length) {
      values = Arrays.copyOf(values, grown(size, size + 1));
    }
    values[size++] = value;
  }

  void addAll(int[] source, int from, int to) {
    int count = to - from;
    if (values.length - size < count) {
      values = Arrays.copyOf(values, grown(size, (long) size + count));
    }
    System.arraycopy(source, from, values, size, count);
    size += count;
  }

  int get(int index) {
    return values[index];
  }

  int last() {
    return values[size - 1];
  }

  int size() {
    return size;
  }

  void clear() {
    size = 0;
  }

  int[] toArray() {
    return Arrays.copyOf(values, size);
  }

  /** What is inside, up to {@link #size}; good until something is added. */
  int[] array() {
    return values;
  }

  /** A capacity of at least {@code needed}, half as much again as before where that can be had. */
  static int grown(int capacity, long needed) {
    if (needed > LONGEST_ARRAY) {
      throw new OutOfMemoryError("an array of " + needed + " elements");
    }
    return (int) Math.min(Math.max(capacity + (capacity >> 1) + 16L, needed), LONGEST_ARRAY);
  }
}
