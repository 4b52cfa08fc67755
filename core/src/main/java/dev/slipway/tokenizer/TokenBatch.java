package dev.slipway.tokenizer;

/**
 * Rows of token ids to learn from, row after row.
 *
 * @param rows B
 * @param columns T
 * @param tokens (B, T) inputs
 * @param targets (B, T) the id that follows each input, or {@link #IGNORED}
 * @param starts (B, T) the column in its row where the document of each position begins: a position
 *     attends to the columns from there to itself, and learned positions count from there
 */
public record TokenBatch(int rows, int columns, int[] tokens, int[] targets, int[] starts) {
  /** A target that is not learnt from; PyTorch's {@code ignore_index}. */
  public static final int IGNORED = -100;

  public TokenBatch {
    int size = Math.multiplyExact(rows, columns);
    if (tokens.length != size || targets.length != size || starts.length != size) {
      throw new IllegalArgumentException(
          "a batch of "
              + rows
              + "x"
              + columns
              + " came with "
              + tokens.length
              + " tokens, "
              + targets.length
              + " targets and "
              + starts.length
              + " starts");
    }
  }

  /** How many positions are learnt from. */
  public int targetCount() {
    int count = 0;
    for (int target : targets) {
      if (target != IGNORED) {
        count++;
      }
    }
    return count;
  }

  /** Where each position stands in its document, (B, T). */
  public int[] places() {
    int[] places = new int[tokens.length];
    for (int i = 0; i < places.length; i++) {
      places[i] = i % columns - starts[i];
    }
    return places;
  }

  /** The last position with a target in each row, (B), counted over all rows; its first if none. */
  public long[] marked() {
    long[] marked = new long[rows];
    for (int row = 0; row < rows; row++) {
      marked[row] = (long) row * columns;
    }
    for (int i = 0; i < targets.length; i++) {
      if (targets[i] != IGNORED) {
        marked[i / columns] = i;
      }
    }
    return marked;
  }
}
