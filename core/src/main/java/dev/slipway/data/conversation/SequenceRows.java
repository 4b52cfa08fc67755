package dev.slipway.data.conversation;

import dev.slipway.tokenizer.TokenBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A split's sequences in the rows of batches: several packed into one row, or one a row. Rows are
 * filled up, and what fills up is seen by nothing and teaches nothing.
 */
public final class SequenceRows {
  private final SequenceShard shard;
  private final int[][] rows;
  private final int[] targets;
  private final int padId;

  private SequenceRows(SequenceShard shard, int[][] rows, int padId) {
    this.shard = shard;
    this.rows = rows;
    this.padId = padId;
    this.targets = new int[rows.length];
    for (int row = 0; row < rows.length; row++) {
      for (int sequence : rows[row]) {
        targets[row] += shard.targets(sequence);
      }
    }
  }

  /**
   * Packs several sequences into a row.
   *
   * @param columns tokens that a row holds
   * @param padId what a row is filled up with
   */
  public static SequenceRows packed(SequenceShard shard, int columns, int padId) {
    int[] lengths = new int[shard.sequences()];
    Arrays.setAll(lengths, shard::length);
    return new SequenceRows(shard, Packing.pack(lengths, columns), padId);
  }

  /** One sequence a row, in the order of the source. */
  public static SequenceRows single(SequenceShard shard, int padId) {
    int[][] rows = new int[shard.sequences()][];
    Arrays.setAll(rows, i -> new int[] {i});
    return new SequenceRows(shard, rows, padId);
  }

  public SequenceShard shard() {
    return shard;
  }

  /** How many rows there are. */
  public int count() {
    return rows.length;
  }

  /** The sequences of a row. */
  public int[] sequences(long row) {
    return rows[(int) row].clone();
  }

  /** How many tokens a row teaches. */
  public int targets(long row) {
    return targets[(int) row];
  }

  /** A batch of these rows, as wide as the longest of them; -1 makes a row that is ignored. */
  public TokenBatch batch(long[] chosen) {
    List<List<Sequence>> contents = new ArrayList<>();
    for (long row : chosen) {
      List<Sequence> content = new ArrayList<>();
      for (int sequence : row < 0 ? new int[0] : rows[(int) row]) {
        content.add(shard.sequence(sequence));
      }
      contents.add(content);
    }
    return batch(contents, padId);
  }

  /** A batch of rows that hold these sequences. */
  public static TokenBatch batch(List<List<Sequence>> rows, int padId) {
    int columns = 1;
    for (List<Sequence> row : rows) {
      columns = Math.max(columns, row.stream().mapToInt(each -> each.ids().length).sum());
    }
    int size = Math.multiplyExact(rows.size(), columns);
    int[] tokens = new int[size];
    int[] targets = new int[size];
    int[] starts = new int[size];
    Arrays.fill(tokens, padId);
    Arrays.fill(targets, TokenBatch.IGNORED);
    for (int row = 0; row < rows.size(); row++) {
      int column = 0;
      for (Sequence sequence : rows.get(row)) {
        int at = row * columns + column;
        int length = sequence.ids().length;
        System.arraycopy(sequence.ids(), 0, tokens, at, length);
        Arrays.fill(starts, at, at + length, column);
        for (int i = 1; i < length; i++) {
          if (sequence.learnt()[i]) {
            targets[at + i - 1] = sequence.ids()[i];
          }
        }
        column += length;
      }
      Arrays.fill(starts, row * columns + column, (row + 1) * columns, column);
    }
    return new TokenBatch(rows.size(), columns, tokens, targets, starts);
  }
}
