package dev.slipway.data;

import dev.slipway.tokenizer.TokenBatch;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A split's stream of tokens cut into windows of T: window w holds the tokens at positions wT …
 * wT+T-1 as inputs and those one further as targets. Nothing is lost: every token of the split is
 * an input of exactly one window, and each has a target, the end token being that of a document's
 * last. The last window is filled up with start tokens whose targets are {@link
 * TokenBatch#IGNORED}.
 *
 * <p>A position attends from its document's start on: where a document begins before its window,
 * from the window's first column on.
 */
public final class TokenWindows {
  private final TokenShard shard;
  private final int context;

  /**
   * Cuts a split.
   *
   * @param context T
   */
  public TokenWindows(TokenShard shard, int context) {
    if (context < 1) {
      throw new IllegalArgumentException("a context of " + context + " tokens");
    }
    if (shard.tokens() == 0) {
      throw new IllegalArgumentException("the " + shard.split().label() + " split is empty");
    }
    this.shard = shard;
    this.context = context;
  }

  public TokenShard shard() {
    return shard;
  }

  public int context() {
    return context;
  }

  /** Number of windows: the tokens divided by T, rounded up. */
  public long count() {
    return Math.ceilDiv(shard.tokens(), context);
  }

  /** How many inputs with targets a window has: T, or fewer in the last. */
  public int tokens(long window) {
    return (int) Math.min(context, shard.tokens() - window * context);
  }

  /**
   * Windows in order, for evaluation: row r is window {@code index * rows + r}. Rows past the end
   * are filled up and ignored.
   *
   * @param index below {@link #batches}
   */
  public TokenBatch batch(long index, int rows) {
    long[] windows = new long[rows];
    for (int row = 0; row < rows; row++) {
      long window = index * rows + row;
      windows[row] = window < count() ? window : -1;
    }
    return batch(windows);
  }

  /** How many batches of so many rows hold all windows in order. */
  public long batches(int rows) {
    return Math.ceilDiv(count(), rows);
  }

  /** A batch of these windows, row by row; -1 makes a row that is ignored. */
  public TokenBatch batch(long[] windows) {
    int size = Math.multiplyExact(windows.length, context);
    int[] tokens = new int[size];
    int[] targets = new int[size];
    int[] starts = new int[size];
    for (int row = 0; row < windows.length; row++) {
      fill(windows[row], row * context, tokens, targets, starts);
    }
    return new TokenBatch(windows.length, context, tokens, targets, starts);
  }

  private void fill(long window, int at, int[] tokens, int[] targets, int[] starts) {
    int filled = 0;
    if (window >= 0) {
      filled = tokens(window);
      long from = window * context;
      int document = shard.documentAt(from);
      long next = shard.offset(document + 1);
      int start = 0;
      int token = shard.token(from);
      for (int column = 0; column < filled; column++) {
        long position = from + column;
        if (position == next) {
          document++;
          next = shard.offset(document + 1);
          start = column;
        }
        int target = shard.token(position + 1);
        tokens[at + column] = token;
        targets[at + column] = position + 1 == next ? shard.endId() : target;
        starts[at + column] = start;
        token = target;
      }
    }
    // What fills up is a document of its own, so that nothing attends to it.
    Arrays.fill(tokens, at + filled, at + context, shard.startId());
    Arrays.fill(targets, at + filled, at + context, TokenBatch.IGNORED);
    Arrays.fill(starts, at + filled, at + context, filled);
  }

  /** Ids of the records in these windows, in order, each once. */
  public List<String> recordIds(long[] windows) {
    Set<String> ids = new LinkedHashSet<>();
    for (long window : windows) {
      if (window >= 0) {
        long from = window * context;
        int last = shard.documentAt(from + tokens(window) - 1);
        for (int document = shard.documentAt(from); document <= last; document++) {
          ids.add(shard.id(document));
        }
      }
    }
    return List.copyOf(ids);
  }
}
