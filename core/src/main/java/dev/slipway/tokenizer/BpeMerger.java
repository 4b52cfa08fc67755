package dev.slipway.tokenizer;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Applies the merges of a byte-level BPE to one word: the pair of neighbours whose merge comes
 * first in the list is merged, the leftmost one of equals, until none is left.
 */
final class BpeMerger {
  private static final int NONE = Integer.MAX_VALUE;
  // Up to here looking at every pair each time is faster than keeping a heap.
  private static final int SHORT = 48;

  private final int[] byteIds = new int[256];
  private final PairTable pairs;
  private final int[] ranks; // of a pair's number
  private final int[] merged; // the id that a rank makes

  BpeMerger(BpeModel model) {
    Map<String, Integer> ids = new HashMap<>();
    for (int id = 0; id < model.learned(); id++) {
      ids.put(model.tokens().get(id), id);
    }
    for (int b = 0; b < 256; b++) {
      byteIds[b] = id(ids, ByteAlphabet.spell(b));
    }
    List<BpeModel.Merge> merges = model.merges();
    pairs = new PairTable(merges.size());
    ranks = new int[merges.size()];
    merged = new int[merges.size()];
    for (int rank = 0; rank < merged.length; rank++) {
      BpeModel.Merge merge = merges.get(rank);
      merged[rank] = id(ids, merge.left() + merge.right());
      // Of a pair that is listed twice the later rank counts, as in Hugging Face's map.
      ranks[pairs.findOrAdd(PairTable.pair(id(ids, merge.left()), id(ids, merge.right())))] = rank;
    }
  }

  private static int id(Map<String, Integer> ids, String token) {
    Integer id = ids.get(token);
    if (id == null) {
      throw new IllegalArgumentException("the token " + token + " is not in the vocabulary");
    }
    return id;
  }

  private int rank(int left, int right) {
    int number = pairs.find(PairTable.pair(left, right));
    return number < 0 ? NONE : ranks[number];
  }

  /** Appends the ids of a word. */
  void encode(byte[] text, int from, int to, IntArray ids) {
    if (to - from <= SHORT) {
      encodeShort(text, from, to, ids);
    } else {
      encodeLong(text, from, to, ids);
    }
  }

  private void encodeShort(byte[] text, int from, int to, IntArray ids) {
    int size = to - from;
    int[] symbols = new int[size];
    int[] pairRanks = new int[size]; // of the pair that begins here; the last is NONE
    for (int i = 0; i < size; i++) {
      symbols[i] = byteIds[text[from + i] & 0xFF];
    }
    for (int i = 0; i + 1 < size; i++) {
      pairRanks[i] = rank(symbols[i], symbols[i + 1]);
    }
    pairRanks[size - 1] = NONE;
    while (true) {
      int best = 0;
      for (int i = 1; i < size; i++) {
        if (pairRanks[i] < pairRanks[best]) {
          best = i;
        }
      }
      if (pairRanks[best] == NONE) {
        break;
      }
      symbols[best] = merged[pairRanks[best]];
      System.arraycopy(symbols, best + 2, symbols, best + 1, size - best - 2);
      System.arraycopy(pairRanks, best + 2, pairRanks, best + 1, size - best - 2);
      size--;
      pairRanks[best] = best + 1 < size ? rank(symbols[best], symbols[best + 1]) : NONE;
      if (best > 0) {
        pairRanks[best - 1] = rank(symbols[best - 1], symbols[best]);
      }
    }
    ids.addAll(symbols, 0, size);
  }

  // A linked list of symbols and a heap of (rank, place): n log n, for a word may be a whole file.
  private void encodeLong(byte[] text, int from, int to, IntArray ids) {
    int size = to - from;
    int[] symbols = new int[size]; // -1 where a symbol was merged into the one before
    int[] next = new int[size];
    int[] previous = new int[size];
    for (int i = 0; i < size; i++) {
      symbols[i] = byteIds[text[from + i] & 0xFF];
      next[i] = i + 1;
      previous[i] = i - 1;
    }
    LongHeap heap = new LongHeap(size);
    for (int i = 0; i + 1 < size; i++) {
      enqueue(heap, i, rank(symbols[i], symbols[i + 1]));
    }
    while (!heap.isEmpty()) {
      long top = heap.poll();
      int rank = (int) (top >>> 32);
      int at = (int) top;
      if (symbols[at] < 0 || next[at] == size || rank(symbols[at], symbols[next[at]]) != rank) {
        continue; // this pair has gone
      }
      int gone = next[at];
      symbols[at] = merged[rank];
      symbols[gone] = -1;
      next[at] = next[gone];
      if (next[at] < size) {
        previous[next[at]] = at;
        enqueue(heap, at, rank(symbols[at], symbols[next[at]]));
      }
      if (previous[at] >= 0) {
        enqueue(heap, previous[at], rank(symbols[previous[at]], symbols[at]));
      }
    }
    for (int i = 0; i < size; i = next[i]) {
      ids.add(symbols[i]);
    }
  }

  private static void enqueue(LongHeap heap, int at, int rank) {
    if (rank != NONE) {
      heap.add((long) rank << 32 | at);
    }
  }

  /** A binary heap whose least number comes first. */
  private static final class LongHeap {
    private long[] values;
    private int size;

    LongHeap(int capacity) {
      values = new long[capacity];
    }

    boolean isEmpty() {
      return size == 0;
    }

    void add(long value) {
      if (size == values.length) {
        values = Arrays.copyOf(values, IntArray.grown(size, size + 1));
      }
      int at = size++;
      while (at > 0 && values[(at - 1) >>> 1] > value) {
        values[at] = values[(at - 1) >>> 1];
        at = (at - 1) >>> 1;
      }
      values[at] = value;
    }

    long poll() {
      long least = values[0];
      long value = values[--size];
      int at = 0;
      for (int child = 1; child < size; child = 2 * at + 1) {
        if (child + 1 < size && values[child + 1] < values[child]) {
          child++;
        }
        if (values[child] >= value) {
          break;
        }
        values[at] = values[child];
        at = child;
      }
      values[at] = value;
      return least;
    }
  }
}
