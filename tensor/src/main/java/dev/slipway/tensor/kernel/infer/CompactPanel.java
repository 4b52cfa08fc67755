package dev.slipway.tensor.kernel.infer;

import dev.slipway.tensor.kernel.Lanes;
import dev.slipway.tensor.kernel.Team;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * A panel of bfloat16 weights in three quarters of its bytes, with no bit lost: trained weights use
 * few of the exponents that there are (Zhang et al. 2025, "70% Size, 100% Accuracy", whose codes of
 * different lengths are read by graphics processors). A round of {@link TileCode}'s loop, 512
 * weights, has a table of the upper bytes that occur in it, a sign and seven bits of an exponent
 * each, and 4 bits a weight that say which; lower bytes stay. A panel with a round of more than 16
 * different ones is left as it is.
 *
 * <p>First come the tables of all rounds, then for each step of a round two vectors of lower bytes
 * and one of places in the table, those of the second vector above those of the first.
 */
final class CompactPanel {
  static final int TABLE_BYTES = 16;

  /** Bytes of a step, {@value #WHOLE_STEP_BYTES} in whole. */
  static final int STEP_BYTES = 3 * 64;

  private static final int WHOLE_STEP_BYTES = 4 * 64;

  /** Eight weights, and their lower bytes. */
  private static final int WHOLE_BYTES = 16;

  private static final int PART = 8;
  private static final long LOWER = 0x00FF00FF00FF00FFL;
  private static final long PAIRS = 0x0000FFFF0000FFFFL;
  private static final int UNKNOWN = -1;

  private CompactPanel() {}

  static long bytes(int rounds) {
    return (long) rounds * (TABLE_BYTES + TileCode.UNROLLED * STEP_BYTES);
  }

  /**
   * @param whole a panel as {@link PackTiles} leaves it
   * @param worker whose scratch is free
   * @return false where some round has too many different upper bytes; {@code to} holds nothing
   *     then
   */
  static boolean pack(long whole, int rounds, long to, Team.Worker worker) {
    return CompactCode.isThere()
        ? CompactCode.pack(
            whole, rounds, to, worker.scratch(CompactCode.SCRATCH_BYTES / 4 + 2L * rounds))
        : pack(whole, rounds, to);
  }

  /** As above, by no machine code. */
  static boolean pack(long whole, int rounds, long to) {
    byte[] places = new byte[256];
    Arrays.fill(places, (byte) UNKNOWN);
    long from = whole;
    long at = to + (long) TABLE_BYTES * rounds;
    for (int round = 0; round < rounds; round++) {
      long table = to + (long) TABLE_BYTES * round;
      int known = 0;
      for (int step = 0; step < TileCode.UNROLLED && known >= 0; step++) {
        known = packStep(from, at, table, places, known);
        from += WHOLE_STEP_BYTES;
        at += STEP_BYTES;
      }
      if (known < 0) {
        return false;
      }
      for (int i = 0; i < TABLE_BYTES; i++) {
        if (i < known) {
          places[Lanes.MEMORY.get(ValueLayout.JAVA_BYTE, table + i) & 255] = UNKNOWN;
        } else {
          Lanes.MEMORY.set(ValueLayout.JAVA_BYTE, table + i, (byte) 0);
        }
      }
    }
    return true;
  }

  /**
   * @return how many upper bytes the table has now; below 0 where it has no room
   */
  private static int packStep(long from, long at, long table, byte[] places, int known) {
    int count = known;
    for (int part = 0; part < 16; part++) {
      // In whole, part / 4 is a vector and part % 4 its quarter; vectors come in pairs.
      int vector = part / 4;
      int to = WHOLE_BYTES * (part % 4) + PART * (vector % 2);
      long first = get(from + WHOLE_BYTES * part);
      long second = get(from + WHOLE_BYTES * part + PART);
      set(at + 64 * (vector / 2) + to, bytes(first) | bytes(second) << 32);
      long upper = bytes(first >>> 8) | bytes(second >>> 8) << 32;
      long numbers = 0;
      for (int i = 0; i < PART; i++) {
        int value = (int) (upper >>> 8 * i) & 255;
        int place = places[value];
        if (place < 0) {
          if (count == TABLE_BYTES) {
            return -1;
          }
          place = count++;
          places[value] = (byte) place;
          Lanes.MEMORY.set(ValueLayout.JAVA_BYTE, table + place, (byte) value);
        }
        numbers |= (long) place << 8 * i;
      }
      long target = at + 128 + to;
      set(target, vector < 2 ? numbers : get(target) | numbers << 4);
    }
    return count;
  }

  /** The lower bytes of four values of 16 bits. */
  private static long bytes(long values) {
    long lower = values & LOWER;
    long pairs = (lower | lower >>> 8) & PAIRS;
    return (pairs | pairs >>> 16) & 0xFFFFFFFFL;
  }

  private static long get(long address) {
    return Lanes.MEMORY.get(ValueLayout.JAVA_LONG, address);
  }

  private static void set(long address, long value) {
    Lanes.MEMORY.set(ValueLayout.JAVA_LONG, address, value);
  }
}
