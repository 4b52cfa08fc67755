package dev.slipway.data.table;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;

/** Codes for words of bytes, in the order in which they first come; missing ones have none. */
final class WordTable {
  private final Set<String> missing;
  private byte[][] words = new byte[16][];
  private int[] codes = new int[16];
  private int[] hashes = new int[16];
  private int size;
  private int used;
  private int mask = 31;
  private int[] slots = filled(32);

  /**
   * @param missing words that stand for a missing value
   */
  WordTable(Set<String> missing) {
    this.missing = missing;
  }

  private static int[] filled(int length) {
    int[] empty = new int[length];
    Arrays.fill(empty, -1);
    return empty;
  }

  /** The word's code; {@link Column.Categories#MISSING} if it stands for a missing value. */
  int code(byte[] bytes, int from, int to) {
    int hash = 1;
    for (int i = from; i < to; i++) {
      hash = 31 * hash + bytes[i];
    }
    hash ^= hash >>> 15;
    int slot = hash & mask;
    while (true) {
      int word = slots[slot];
      if (word < 0) {
        return add(bytes, from, to, hash, slot);
      }
      if (hashes[word] == hash
          && Arrays.equals(words[word], 0, words[word].length, bytes, from, to)) {
        return codes[word];
      }
      slot = (slot + 1) & mask;
    }
  }

  private int add(byte[] bytes, int from, int to, int hash, int slot) {
    if (size == words.length) {
      words = Arrays.copyOf(words, 2 * size);
      codes = Arrays.copyOf(codes, 2 * size);
      hashes = Arrays.copyOf(hashes, 2 * size);
    }
    byte[] word = Arrays.copyOfRange(bytes, from, to);
    boolean isMissing = missing.contains(new String(word, StandardCharsets.UTF_8));
    words[size] = word;
    hashes[size] = hash;
    codes[size] = isMissing ? Column.Categories.MISSING : used++;
    slots[slot] = size++;
    if (2 * size > mask) {
      grow();
    }
    return codes[size - 1];
  }

  private void grow() {
    mask = 2 * mask + 1;
    slots = filled(mask + 1);
    for (int i = 0; i < size; i++) {
      int slot = hashes[i] & mask;
      while (slots[slot] >= 0) {
        slot = (slot + 1) & mask;
      }
      slots[slot] = i;
    }
  }

  /** The words that have a code, by code. */
  byte[][] words() {
    byte[][] coded = new byte[used][];
    for (int i = 0; i < size; i++) {
      if (codes[i] >= 0) {
        coded[codes[i]] = words[i];
      }
    }
    return coded;
  }
}
