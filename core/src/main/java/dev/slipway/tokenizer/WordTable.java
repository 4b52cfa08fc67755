package dev.slipway.tokenizer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Numbers words (byte strings) from 0 on in the order in which they are first met. An
 * open-addressed hash table beside one array that holds every word's bytes: no object per word.
 */
final class WordTable {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long MIX = 0x9E3779B97F4A7C15L;
  private static final int SMALLEST = 1 << 10;

  private int[] slots = new int[SMALLEST]; // number of a word plus one, 0 when free
  private long[] hashes = new long[SMALLEST];
  private int[] ends = new int[SMALLEST];
  private byte[] bytes = new byte[SMALLEST * 8];
  private int size;

  int size() {
    return size;
  }

  /** Bytes of all words together. */
  int byteCount() {
    return size == 0 ? 0 : ends[size - 1];
  }

  int start(int word) {
    return word == 0 ? 0 : ends[word - 1];
  }

  int end(int word) {
    return ends[word];
  }

  /** Where the words' bytes lie; good until a word is added. */
  byte[] bytes() {
    return bytes;
  }

  /** The number of a word, or minus one minus the place where {@link #insert} is to put it. */
  int find(byte[] text, int from, int to, long hash) {
    int mask = slots.length - 1;
    int length = to - from;
    int slot = (int) hash & mask;
    for (int word = slots[slot] - 1; word >= 0; word = slots[slot] - 1) {
      if (hashes[word] == hash && isSame(word, text, from, length)) {
        return word;
      }
      slot = (slot + 1) & mask;
    }
    return -1 - slot;
  }

  /** Adds a word that {@link #find} has just not found and returns its number. */
  int insert(byte[] text, int from, int to, long hash, int found) {
    int word = size++;
    slots[-1 - found] = word + 1;
    if (word == hashes.length) {
      hashes = Arrays.copyOf(hashes, IntArray.grown(word, word + 1));
      ends = Arrays.copyOf(ends, hashes.length);
    }
    int start = start(word);
    if (to - from > bytes.length - start) {
      bytes = Arrays.copyOf(bytes, IntArray.grown(bytes.length, (long) start + to - from));
    }
    System.arraycopy(text, from, bytes, start, to - from);
    hashes[word] = hash;
    ends[word] = start + to - from;
    if (size > slots.length >> 1) {
      rehash();
    }
    return word;
  }

  void clear() {
    Arrays.fill(slots, 0);
    size = 0;
  }

  // Up to eight bytes the hash is a one-to-one function of the bytes and the length is compared.
  private boolean isSame(int word, byte[] text, int from, int length) {
    int start = start(word);
    int end = ends[word];
    return end - start == length
        && (length <= Long.BYTES || Arrays.equals(bytes, start, end, text, from, from + length));
  }

  private void rehash() {
    slots = new int[Math.multiplyExact(slots.length, 2)];
    int mask = slots.length - 1;
    for (int word = 0; word < size; word++) {
      int slot = (int) hashes[word] & mask;
      while (slots[slot] != 0) {
        slot = (slot + 1) & mask;
      }
      slots[slot] = word + 1;
    }
  }

  long hash(int word) {
    return hashes[word];
  }

  static long hash(byte[] text, int from, int to) {
    int at = from;
    long hash = 0;
    while (to - at > Long.BYTES) {
      hash = mix(hash ^ (long) LONGS.get(text, at));
      at += Long.BYTES;
    }
    return mix(hash ^ tail(text, at, to));
  }

  private static long tail(byte[] text, int from, int to) {
    int count = to - from;
    if (from + Long.BYTES <= text.length) {
      return (long) LONGS.get(text, from) & (-1L >>> (Long.SIZE - 8 * count));
    }
    long value = 0;
    for (int i = to - 1; i >= from; i--) {
      value = value << 8 | (text[i] & 0xFF);
    }
    return value;
  }

  private static long mix(long value) {
    long product = (value ^ value >>> 32) * MIX;
    return product ^ product >>> 29;
  }
}
