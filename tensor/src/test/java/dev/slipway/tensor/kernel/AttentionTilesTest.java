package dev.slipway.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slipway.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AttentionTilesTest {
  private static final int BLOCKS = 5;

  private static Buffer random(Arena arena, Random random, boolean half, int count) {
    Buffer values = Buffer.allocate(arena, half ? DType.BFLOAT16 : DType.FLOAT32, count);
    for (int i = 0; i < count; i++) {
      float value = (float) random.nextGaussian();
      if (half) {
        Lanes.setHalf(values.memory().address(), i, value);
      } else {
        Lanes.set(values.memory().address(), i, value);
      }
    }
    return values;
  }

  @ParameterizedTest
  @ValueSource(ints = {16, 64, 80, 128, 256})
  void machineCodeGivesTheBitsOfTheVectorApi(int padded) {
    for (boolean half : new boolean[] {false, true}) {
      AttentionTiles machine = AttentionTiles.machine(half);
      assumeTrue(machine != null, "this processor has no instructions for it");
      AttentionTiles vectors = AttentionTiles.vectors(half);
      Random random = new Random(padded);
      try (Arena arena = Arena.ofShared()) {
        int lanes = AttentionTiles.LANES;
        Buffer query = random(arena, random, half, padded);
        Buffer shares = random(arena, random, half, BLOCKS * lanes);
        Buffer cache = random(arena, random, half, 9 * padded * lanes);
        long addresses = arena.allocate(8L * BLOCKS, 64).address();
        long blockBytes = (long) padded * lanes * (half ? 2 : 4);
        for (int block = 0; block < BLOCKS; block++) {
          long at = cache.memory().address() + blockBytes * ((block * 5 + 2) % 8);
          Lanes.MEMORY.set(ValueLayout.JAVA_LONG, addresses + 8L * block, at);
        }
        Buffer scores = Buffer.allocate(arena, DType.FLOAT32, BLOCKS * lanes);
        Buffer expected = Buffer.allocate(arena, DType.FLOAT32, BLOCKS * lanes);
        long q = query.memory().address();
        machine.scores(q, addresses, padded, BLOCKS, scores.memory().address());
        vectors.scores(q, addresses, padded, BLOCKS, expected.memory().address());
        assertThat(scores.floats(0, BLOCKS * lanes)).isEqualTo(expected.floats(0, BLOCKS * lanes));
        Buffer mixture = Buffer.allocate(arena, DType.FLOAT32, padded);
        Buffer expectedMixture = Buffer.allocate(arena, DType.FLOAT32, padded);
        long p = shares.memory().address();
        machine.mix(p, addresses, blockBytes, BLOCKS, padded, mixture.memory().address());
        vectors.mix(p, addresses, blockBytes, BLOCKS, padded, expectedMixture.memory().address());
        assertThat(mixture.floats(0, padded)).isEqualTo(expectedMixture.floats(0, padded));
      }
    }
  }
}
