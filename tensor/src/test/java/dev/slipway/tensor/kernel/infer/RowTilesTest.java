package dev.slipway.tensor.kernel.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slipway.tensor.DType;
import dev.slipway.tensor.kernel.Buffer;
import dev.slipway.tensor.kernel.Lanes;
import dev.slipway.tensor.kernel.Row;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RowTilesTest {
  private static final int COUNT = 96;

  /** What a loop leaves in the first of three rows of values, and gives. */
  private interface Loop {
    float run(RowTiles tiles, long x, long y, long z, long scratch);
  }

  private static float[] run(RowTiles tiles, float[] values, Loop loop) {
    try (Arena arena = Arena.ofShared()) {
      Buffer rows = Buffer.allocate(arena, DType.FLOAT32, 3 * COUNT);
      Buffer scratch = Buffer.allocate(arena, DType.FLOAT32, RowTiles.SCRATCH);
      long x = rows.memory().address();
      for (int i = 0; i < values.length; i++) {
        Lanes.set(x, i, values[i]);
      }
      float given = loop.run(tiles, x, x + 4 * COUNT, x + 8 * COUNT, scratch.memory().address());
      float[] result = Arrays.copyOf(rows.floats(0, 3 * COUNT), 3 * COUNT + 1);
      result[3 * COUNT] = given;
      return result;
    }
  }

  private static void same(Loop loop, float scale) {
    same(loop, scale, true);
  }

  /**
   * @param extremes whether some values are very large
   */
  private static void same(Loop loop, float scale, boolean extremes) {
    RowTiles machine = RowTiles.machine();
    assumeTrue(machine != null, "this processor has no instructions for it");
    Random random = new Random(7);
    for (int round = 0; round < 20; round++) {
      float[] values = new float[3 * COUNT];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian() * scale;
      }
      values[round] = 0;
      values[round + 1] = -0f;
      if (extremes) {
        values[round + 2] = 1e30f;
        values[round + 3] = -1e30f;
      }
      // Bits, not values: a zero has a sign.
      assertThat(bits(run(machine, values, loop)))
          .isEqualTo(bits(run(RowTiles.vectors(), values, loop)));
    }
  }

  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(values[i]);
    }
    return bits;
  }

  @Test
  void normsHaveTheSameBits() {
    same(
        (tiles, x, y, z, scratch) -> {
          tiles.accumulate(x, y, COUNT);
          tiles.rms(x, 0.37f, y, z, COUNT, scratch);
          tiles.scale(y, 1.7f, y, COUNT, scratch);
          return tiles.squares(y, COUNT, scratch);
        },
        1);
  }

  @Test
  void halvesHaveTheSameBits() {
    same(
        (tiles, x, y, z, scratch) -> {
          tiles.narrow(x, y, COUNT);
          tiles.narrow(z, z, COUNT);
          tiles.widen(y, x, COUNT);
          tiles.widen(z, y, COUNT - 3);
          return 0;
        },
        1);
  }

  @Test
  void softmaxHasTheSameBits() {
    same((tiles, x, y, z, scratch) -> tiles.softmax(x, 5, 3 * COUNT - 7, 3 * COUNT, scratch), 30);
    same(
        (tiles, x, y, z, scratch) -> {
          float sum = tiles.softmaxHalf(x, 5, 3 * COUNT - 7, 3 * COUNT, scratch);
          Row.fill(x, 3 * COUNT / 2, 3 * COUNT, 0); // which nobody reads
          return sum;
        },
        30);
  }

  @Test
  void gatesHaveTheSameBits() {
    for (float scale : new float[] {1, 50}) {
      same(
          (tiles, x, y, z, scratch) -> {
            tiles.swiGlu(x, y, z, COUNT);
            return 0;
          },
          scale);
    }
  }

  @Test
  void rotationsHaveTheSameBits() {
    for (int half : new int[] {8, 16, 32, 48}) {
      same(
          (tiles, x, y, z, scratch) -> {
            tiles.rotate(x, y, z, half, COUNT / 2 / half, 0.125f, scratch);
            return 0;
          },
          1);
    }
  }

  @Test
  void splitRowsHaveTheSameBits() {
    same(
        (tiles, x, y, z, scratch) -> {
          tiles.split(x, 0.3f, COUNT, y, scratch);
          return tiles.magnitude(z, COUNT, scratch);
        },
        1e4f,
        false);
  }

  @Test
  void weighedSharesHaveTheSameBits() {
    same(
        (tiles, x, y, z, scratch) -> {
          for (int block = 0; block < COUNT / RowTiles.LANES; block++) {
            Lanes.MEMORY.set(ValueLayout.JAVA_LONG, z + 8L * block, y + 64L * (block * 5 % 6) - 32);
          }
          float largest = tiles.weigh(x, z, 32, COUNT, scratch);
          Row.zero(z, 4L * COUNT); // addresses differ from run to run
          return largest;
        },
        1);
  }

  @Test
  void twoBytesMakeTheNumberThatWasSplit() {
    float[] values = {1, -1, 0.5f, -0.25f, 0, 1e-3f, -1e-3f, 0.999f, 0.3f, -0.7f, 0, 0, 0, 0, 0, 0};
    float[] row =
        run(
            RowTiles.common(),
            values,
            (tiles, x, y, z, scratch) -> {
              float factor = RowBytes.splitFactor(tiles.magnitude(x, values.length, scratch));
              tiles.split(x, factor, values.length, y, scratch);
              int whole = 0;
              for (int i = 0; i < values.length; i++) {
                int upper = Lanes.MEMORY.get(ValueLayout.JAVA_BYTE, y + RowBytes.HEADER + i);
                int lower = Lanes.MEMORY.get(ValueLayout.JAVA_BYTE, y + RowBytes.HEADER + 16 + i);
                Lanes.set(z, i, (256 * upper + lower) / factor);
                whole += 256 * upper + lower;
              }
              int begin = Lanes.MEMORY.get(ValueLayout.JAVA_INT, y);
              return 256 * begin + Lanes.MEMORY.get(ValueLayout.JAVA_INT, y + 4) + 128 * whole;
            });
    for (int i = 0; i < values.length; i++) {
      assertThat(row[2 * COUNT + i])
          .isCloseTo(values[i], within(0.5f / RowBytes.MOST_SPLIT + 1e-7f));
    }
    assertThat(row[3 * COUNT]).as("what takes back that bytes have no sign").isZero();
  }

  @Test
  void keysAndValuesAreStoredAlike() {
    RowTiles machine = RowTiles.machine();
    assumeTrue(machine != null, "this processor has no instructions for it");
    Random random = new Random(8);
    int heads = 3;
    for (int dims : new int[] {32, 48, 64, 128}) {
      try (Arena arena = Arena.ofConfined()) {
        long bytes = 2L * heads * 2 * PagedAttention.BLOCK * dims;
        MemorySegment given = arena.allocate(bytes, 64);
        MemorySegment expected = arena.allocate(bytes, 64);
        MemorySegment rows = arena.allocate(4L * heads * dims, 64);
        for (int place = 0; place < PagedAttention.BLOCK; place++) {
          for (int i = 0; i < 2 * heads * dims; i++) {
            rows.setAtIndex(ValueLayout.JAVA_SHORT, i, (short) random.nextInt());
          }
          long keys = rows.address();
          long values = keys + 2L * heads * dims;
          machine.storeHalves(keys, values, given.address(), place, heads, dims, dims);
          RowTiles.vectors()
              .storeHalves(keys, values, expected.address(), place, heads, dims, dims);
          assertThat(given.mismatch(expected)).as("%d dimensions", dims).isEqualTo(-1);
        }
      }
    }
  }
}
