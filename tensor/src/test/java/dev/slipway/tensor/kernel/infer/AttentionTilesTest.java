package dev.slipway.tensor.kernel.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slipway.tensor.DType;
import dev.slipway.tensor.kernel.Buffer;
import dev.slipway.tensor.kernel.Flat;
import dev.slipway.tensor.kernel.Lanes;
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
      AttentionTiles machine = AttentionTiles.machine(half, padded);
      assumeTrue(machine != null, "this processor has no instructions for it");
      AttentionTiles vectors = AttentionTiles.vectors(half, padded);
      Random random = new Random(padded);
      int most = AttentionTiles.QUERIES;
      int lanes = AttentionTiles.LANES;
      int positions = BLOCKS * lanes;
      try (Arena arena = Arena.ofShared()) {
        Buffer queries = random(arena, random, half, most * padded);
        Buffer shares = random(arena, random, half, most * positions);
        Buffer cache = random(arena, random, half, 9 * padded * lanes);
        long addresses = arena.allocate(8L * (BLOCKS + 1), 64).address();
        int bytes = half ? 2 : 4;
        long blockBytes = (long) padded * lanes * bytes;
        for (int block = 0; block < BLOCKS; block++) {
          long at = cache.memory().address() + blockBytes * ((block * 5 + 2) % 8);
          Lanes.MEMORY.set(ValueLayout.JAVA_LONG, addresses + 8L * block, at);
        }
        Buffer scores = Buffer.allocate(arena, DType.FLOAT32, (long) most * positions);
        Buffer expected = Buffer.allocate(arena, DType.FLOAT32, (long) most * positions);
        Buffer mixtures = Buffer.allocate(arena, DType.FLOAT32, (long) most * padded);
        Buffer expectedMixtures = Buffer.allocate(arena, DType.FLOAT32, (long) most * padded);
        long q = queries.memory().address();
        long p = shares.memory().address();
        long apart = 4L * positions;
        vectors.scores(q, most, addresses, BLOCKS, expected.memory().address(), apart);
        vectors.mix(
            p,
            (long) bytes * positions,
            most,
            addresses,
            blockBytes,
            BLOCKS,
            expectedMixtures.memory().address());
        for (int count = 1; count <= most; count++) {
          Flat.zero(scores);
          Flat.zero(mixtures);
          machine.scores(q, count, addresses, BLOCKS, scores.memory().address(), apart);
          assertThat(scores.floats(0, count * positions))
              .isEqualTo(expected.floats(0, count * positions));
          machine.mix(
              p,
              (long) bytes * positions,
              count,
              addresses,
              blockBytes,
              BLOCKS,
              mixtures.memory().address());
          assertThat(mixtures.floats(0, count * padded))
              .isEqualTo(expectedMixtures.floats(0, count * padded));
        }
      }
    }
  }

  /** Rows of 16 bits: those of the Vector API and of machine code are compared elsewhere. */
  private static Buffer split(Arena arena, Random random, int rows, int count) {
    long bytes = RowBytes.splitBytes(count);
    Buffer values = random(arena, random, false, count);
    Buffer split = Buffer.allocate(arena, DType.FLOAT32, rows * bytes / 4);
    for (int row = 0; row < rows; row++) {
      for (int i = 0; i < count; i++) {
        Lanes.set(values.memory().address(), i, (float) random.nextGaussian());
      }
      long to = split.memory().address() + bytes * row;
      RowBytes.split(values.memory().address(), RowBytes.MOST_SPLIT / 6f, count, to);
      Lanes.set(to + RowBytes.SCALE, 0, 0.01f + row);
    }
    return split;
  }

  @ParameterizedTest
  @ValueSource(ints = {16, 64, 80, 128, 256})
  void machineCodeOfBytesGivesTheBitsOfTheVectorApi(int padded) {
    ByteAttentionTiles machine = ByteAttentionTiles.machine(padded);
    assumeTrue(machine != null, "this processor has no instructions for it");
    ByteAttentionTiles vectors = ByteAttentionTiles.vectors(padded);
    Random random = new Random(padded);
    int most = ByteAttentionTiles.QUERIES;
    int lanes = AttentionTiles.LANES;
    int positions = BLOCKS * lanes;
    long headBytes = (long) lanes * padded + 4L * lanes;
    try (Arena arena = Arena.ofShared()) {
      long cache = arena.allocate(16 * headBytes, 64).address();
      Buffer row = random(arena, random, false, padded);
      long addresses = arena.allocate(8L * (BLOCKS + 1), 64).address();
      for (int block = 0; block < BLOCKS; block++) {
        long at = cache + 2 * headBytes * ((block * 5 + 2) % 8);
        Lanes.MEMORY.set(ValueLayout.JAVA_LONG, addresses + 8L * block, at);
        for (int place = 0; place < lanes; place++) {
          Lanes.set(row.memory().address(), (block + place) % padded, place - 7f);
          RowBytes.storeKey(row.memory().address(), at, place, padded, padded);
          RowBytes.storeValue(row.memory().address(), at + headBytes, place, padded, padded);
        }
      }
      long queries = split(arena, random, most, padded).memory().address();
      long shares = split(arena, random, most, positions).memory().address();
      Buffer scores = Buffer.allocate(arena, DType.FLOAT32, (long) most * positions);
      Buffer expected = Buffer.allocate(arena, DType.FLOAT32, (long) most * positions);
      Buffer mixtures = Buffer.allocate(arena, DType.FLOAT32, (long) most * padded);
      Buffer expectedMixtures = Buffer.allocate(arena, DType.FLOAT32, (long) most * padded);
      long apart = 4L * positions;
      long stride = RowBytes.splitBytes(positions);
      vectors.scores(queries, most, addresses, BLOCKS, expected.memory().address(), apart);
      long mixed = expectedMixtures.memory().address();
      vectors.mix(shares, stride, most, addresses, headBytes, BLOCKS, mixed);
      for (int count = 1; count <= most; count++) {
        Flat.zero(scores);
        Flat.zero(mixtures);
        machine.scores(queries, count, addresses, BLOCKS, scores.memory().address(), apart);
        assertThat(scores.floats(0, count * positions))
            .isEqualTo(expected.floats(0, count * positions));
        long to = mixtures.memory().address();
        machine.mix(shares, stride, count, addresses, headBytes, BLOCKS, to);
        assertThat(mixtures.floats(0, count * padded))
            .isEqualTo(expectedMixtures.floats(0, count * padded));
      }
    }
  }
}
