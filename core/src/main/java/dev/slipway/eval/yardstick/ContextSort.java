package dev.slipway.eval.yardstick;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Sorts the positions of a text by what stands before them, read backwards: positions that share
 * their last k bytes of context become neighbours, for every k at once. It is a suffix array of the
 * reversed text, cut off at a depth and at each {@link #BOUNDARY}.
 *
 * <p>Buckets by the nearest two bytes, then a three-way quicksort (Bentley and McIlroy 1993) on
 * eight bytes at a time.
 */
final class ContextSort {
  /** Stands before each document and after the last; no byte of UTF-8 has this value. */
  static final byte BOUNDARY = (byte) 0xFF;

  /** So many boundaries stand before the first position, so that a key can be read anywhere. */
  static final int MARGIN = 16;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int INSERTION = 12;

  private final byte[] text;
  private final int depth;
  private long[] keys = new long[0];
  private int[] positions = new int[0];

  private ContextSort(byte[] text, int depth) {
    this.text = text;
    this.depth = depth;
  }

  /**
   * Positions {@link #MARGIN} and up, sorted by at least {@code depth} bytes of context.
   *
   * @param text at least {@link #MARGIN} boundaries, then the documents, each followed by one
   */
  static int[] sort(byte[] text, int depth) {
    return new ContextSort(text, depth).sort();
  }

  private int[] sort() {
    int[] starts = new int[(1 << 16) + 1];
    for (int i = MARGIN; i < text.length; i++) {
      starts[bucket(i) + 1]++;
    }
    int largest = 0;
    for (int b = 0; b < 1 << 16; b++) {
      largest = Math.max(largest, starts[b + 1]);
      starts[b + 1] += starts[b];
    }
    int[] sorted = new int[text.length - MARGIN];
    int[] next = starts.clone();
    for (int i = MARGIN; i < text.length; i++) {
      sorted[next[bucket(i)]++] = i;
    }
    keys = new long[largest];
    positions = new int[largest];
    for (int b = 0; b < 1 << 16; b++) {
      int from = starts[b];
      int count = starts[b + 1] - from;
      boolean ended = (b & 0xFF) == 0xFF;
      if (count > 1 && !ended) {
        System.arraycopy(sorted, from, positions, 0, count);
        sortFrom(0, count, 2);
        System.arraycopy(positions, 0, sorted, from, count);
      }
    }
    return sorted;
  }

  /** The two nearest bytes, the nearest one first; a boundary repeats itself. */
  private int bucket(int position) {
    int nearest = text[position - 1] & 0xFF;
    return nearest == 0xFF ? 0xFFFF : nearest << 8 | text[position - 2] & 0xFF;
  }

  private void sortFrom(int from, int to, int skipped) {
    for (int i = from; i < to; i++) {
      keys[i] = key(text, positions[i], skipped) ^ Long.MIN_VALUE;
    }
    quicksort(from, to);
    if (skipped + Long.BYTES >= depth) {
      return;
    }
    int start = from;
    for (int i = from + 1; i <= to; i++) {
      if (i == to || keys[i] != keys[start]) {
        // A key that ends in a boundary has nothing behind it.
        if (i - start > 1 && ((keys[start] ^ Long.MIN_VALUE) & 0xFF) != 0xFF) {
          sortFrom(start, i, skipped + Long.BYTES);
        }
        start = i;
      }
    }
  }

  /**
   * Eight bytes of context after {@code skipped}, the nearest one highest; behind a boundary all
   * are boundaries.
   */
  static long key(byte[] text, int position, int skipped) {
    int at = position - skipped - Long.BYTES;
    long key = at >= 0 ? (long) LONG.get(text, at) : -1;
    long inverse = ~key;
    // The lowest-bits trick: a zero byte of the inverse is a boundary.
    if (((inverse - 0x0101010101010101L) & ~inverse & 0x8080808080808080L) == 0) {
      return key;
    }
    for (int shift = 56; shift > 0; shift -= 8) {
      if ((key >>> shift & 0xFF) == 0xFF) {
        return key | (1L << shift) - 1;
      }
    }
    return key;
  }

  private void quicksort(int from, int to) {
    int low = from;
    int high = to;
    while (high - low > INSERTION) {
      long pivot = median(keys[low], keys[low + high >>> 1], keys[high - 1]);
      int less = low;
      int greater = high;
      int i = low;
      while (i < greater) {
        long key = keys[i];
        if (key < pivot) {
          swap(i++, less++);
        } else if (key > pivot) {
          swap(i, --greater);
        } else {
          i++;
        }
      }
      if (less - low < high - greater) {
        quicksort(low, less);
        low = greater;
      } else {
        quicksort(greater, high);
        high = less;
      }
    }
    for (int i = low + 1; i < high; i++) {
      long key = keys[i];
      int position = positions[i];
      int j = i - 1;
      while (j >= low && keys[j] > key) {
        keys[j + 1] = keys[j];
        positions[j + 1] = positions[j];
        j--;
      }
      keys[j + 1] = key;
      positions[j + 1] = position;
    }
  }

  private static long median(long a, long b, long c) {
    return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
  }

  private void swap(int i, int j) {
    long key = keys[i];
    keys[i] = keys[j];
    keys[j] = key;
    int position = positions[i];
    positions[i] = positions[j];
    positions[j] = position;
  }
}
