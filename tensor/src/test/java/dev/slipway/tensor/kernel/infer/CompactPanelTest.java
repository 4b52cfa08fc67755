package dev.slipway.tensor.kernel.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slipway.tensor.kernel.Lanes;
import dev.slipway.tensor.kernel.Team;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CompactPanelTest {
  private static final int ROUNDS = 5;
  private static final int ROUND = 512;
  private static final int STEP = 128;

  /** Weights with so many upper bytes in each round, others in each. */
  private static short[] weights(int uppers, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    short[] weights = new short[ROUNDS * ROUND];
    for (int round = 0; round < ROUNDS; round++) {
      int first = random.nextInt(256);
      for (int i = 0; i < ROUND; i++) {
        int which = i < uppers ? i : random.nextInt(uppers);
        weights[round * ROUND + i] =
            (short) ((first + 7 * which & 255) << 8 | random.nextInt(256)); // 7 and 256: all differ
      }
    }
    return weights;
  }

  /** What the layout says, as {@link CompactPanel} tells it. */
  private static short[] unpacked(long panel) {
    short[] weights = new short[ROUNDS * ROUND];
    for (int i = 0; i < weights.length; i++) {
      int round = i / ROUND;
      int vector = i % STEP / 32;
      int quarter = i % 32 / 8;
      long step =
          panel
              + (long) CompactPanel.TABLE_BYTES * ROUNDS
              + (long) CompactPanel.STEP_BYTES * (i / STEP);
      int place = 16 * quarter + 8 * (vector % 2) + i % 8;
      int lower = get(step + 64 * (vector / 2) + place);
      int number = get(step + 128 + place) >> 4 * (vector / 2) & 15;
      int upper = get(panel + (long) CompactPanel.TABLE_BYTES * round + number);
      weights[i] = (short) (upper << 8 | lower);
    }
    return weights;
  }

  private static int get(long address) {
    return Lanes.MEMORY.get(ValueLayout.JAVA_BYTE, address) & 255;
  }

  private interface Pack {
    boolean of(long whole, int rounds, long to);
  }

  private static void requireExact(Pack pack) {
    try (Arena arena = Arena.ofConfined()) {
      long to = arena.allocate(CompactPanel.bytes(ROUNDS), 64).address();
      long whole = arena.allocate(2L * ROUNDS * ROUND, 64).address();
      for (int uppers : new int[] {1, 2, 15, 16, 17, 256}) {
        short[] weights = weights(uppers, uppers);
        for (int i = 0; i < weights.length; i++) {
          Lanes.MEMORY.set(ValueLayout.JAVA_SHORT, whole + 2L * i, weights[i]);
        }
        assertThat(pack.of(whole, ROUNDS, to)).as("%d upper bytes", uppers).isEqualTo(uppers <= 16);
        if (uppers <= 16) {
          assertThat(unpacked(to)).isEqualTo(weights);
        }
      }
    }
  }

  @Test
  void weightsComeBackBitByBit() {
    requireExact(CompactPanel::pack);
  }

  @Test
  void weightsPackedByMachineCodeComeBackBitByBit() {
    assumeTrue(CompactCode.isThere(), "this processor has no instructions for it");
    Team.Worker worker = new Team.Worker();
    requireExact((whole, rounds, to) -> CompactPanel.pack(whole, rounds, to, worker));
  }
}
