package dev.slipway.data;

import dev.slipway.tokenizer.TokenBatch;
import java.util.List;

/**
 * The micro-batches of a run, each a pure function of (seed, rows, its index), so that resuming is
 * arithmetic. Row r of micro-batch i is place i·rows + r of an endless sequence; in it each epoch
 * is all windows once, in an order of its own ({@link KeyedPermutation}). A micro-batch may
 * therefore hold the end of one epoch and the beginning of the next, and all have the same number
 * of rows.
 */
public final class ShuffledBatches {
  private final TokenWindows windows;
  private final long seed;
  private final int rows;

  /**
   * Batches of windows.
   *
   * @param rows B, of a micro-batch
   */
  public ShuffledBatches(TokenWindows windows, long seed, int rows) {
    if (rows < 1) {
      throw new IllegalArgumentException("a batch of " + rows + " rows");
    }
    this.windows = windows;
    this.seed = seed;
    this.rows = rows;
  }

  /** Micro-batch {@code index}, from 0, over the whole run. */
  public TokenBatch batch(long index) {
    return windows.batch(windowsOf(index));
  }

  /** How many targets micro-batch {@code index} teaches, without reading it. */
  public int targetCount(long index) {
    int count = 0;
    for (long window : windowsOf(index)) {
      count += windows.tokens(window);
    }
    return count;
  }

  /** Ids of the records in micro-batch {@code index}. */
  public List<String> recordIds(long index) {
    return windows.recordIds(windowsOf(index));
  }

  /** How many epochs the first {@code microBatches} are, a fraction included. */
  public double epochs(long microBatches) {
    return (double) places(microBatches) / windows.count();
  }

  /** How many inputs with a target the first {@code microBatches} have; counted, not estimated. */
  public long inputs(long microBatches) {
    long places = places(microBatches);
    long count = windows.count();
    long inputs = places / count * windows.shard().tokens();
    long rest = places % count;
    KeyedPermutation permutation = permutation(places / count);
    for (long place = 0; place < rest; place++) {
      inputs += windows.tokens(permutation.apply(place));
    }
    return inputs;
  }

  /**
   * How often each token of each document was an input in the first {@code microBatches}.
   *
   * @return for each document the sum over its tokens
   */
  long[] tokensSeen(long microBatches) {
    TokenShard shard = windows.shard();
    long places = places(microBatches);
    long whole = places / windows.count();
    long[] seen = new long[shard.documents()];
    for (int document = 0; document < seen.length; document++) {
      seen[document] = whole * shard.count(document);
    }
    KeyedPermutation permutation = permutation(whole);
    for (long place = 0; place < places % windows.count(); place++) {
      long window = permutation.apply(place);
      long from = window * windows.context();
      long end = from + windows.tokens(window);
      for (int document = shard.documentAt(from);
          document < shard.documents() && shard.offset(document) < end;
          document++) {
        seen[document] +=
            Math.min(end, shard.offset(document + 1)) - Math.max(from, shard.offset(document));
      }
    }
    return seen;
  }

  private long places(long microBatches) {
    return Math.multiplyExact(microBatches, rows);
  }

  private long[] windowsOf(long index) {
    long count = windows.count();
    long[] result = new long[rows];
    long epoch = -1;
    KeyedPermutation permutation = permutation(0);
    for (int row = 0; row < rows; row++) {
      long place = places(index) + row;
      if (place / count != epoch) {
        epoch = place / count;
        permutation = permutation(epoch);
      }
      result[row] = permutation.apply(place % count);
    }
    return result;
  }

  private KeyedPermutation permutation(long epoch) {
    return new KeyedPermutation(windows.count(), seed, epoch);
  }
}
