package dev.slipway.data.conversation;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** The sequences of one split, mapped from the disk. Any thread may read. */
public final class SequenceShard {
  static final int ENTRY = 3 * Long.BYTES;
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final MemorySegment tokens;
  private final MemorySegment index;
  private final int sequences;

  SequenceShard(MemorySegment tokens, MemorySegment index) {
    this.tokens = tokens;
    this.index = index;
    this.sequences = Math.toIntExact(index.byteSize() / ENTRY - 1);
  }

  /** How many sequences there are. */
  public int sequences() {
    return sequences;
  }

  /** How many tokens all have. */
  public long tokens() {
    return entry(sequences, 0);
  }

  /** How many tokens a sequence has. */
  public int length(int sequence) {
    return Math.toIntExact(entry(sequence + 1, 0) - entry(sequence, 0));
  }

  /** Place of the sequence's record among the split's documents. */
  public int record(int sequence) {
    return Math.toIntExact(entry(sequence, 1));
  }

  public int label(int sequence) {
    return Math.toIntExact(entry(sequence, 2));
  }

  /** How many of a sequence's tokens are learnt. */
  public int targets(int sequence) {
    int count = 0;
    for (long at = entry(sequence, 0); at < entry(sequence + 1, 0); at++) {
      count += tokens.get(INT, at * Integer.BYTES) < 0 ? 1 : 0;
    }
    return count;
  }

  /** Reads a sequence. */
  public Sequence sequence(int sequence) {
    long from = entry(sequence, 0);
    int[] ids = new int[length(sequence)];
    boolean[] learnt = new boolean[ids.length];
    for (int i = 0; i < ids.length; i++) {
      int stored = tokens.get(INT, (from + i) * Integer.BYTES);
      ids[i] = stored & Integer.MAX_VALUE;
      learnt[i] = stored < 0;
    }
    return new Sequence(ids, learnt, label(sequence));
  }

  private long entry(int sequence, int field) {
    return index.get(LONG, (long) sequence * ENTRY + (long) field * Long.BYTES);
  }
}
