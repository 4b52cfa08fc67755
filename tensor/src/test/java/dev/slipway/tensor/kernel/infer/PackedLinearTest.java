package dev.slipway.tensor.kernel.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slipway.tensor.DType;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.tensor.kernel.Buffer;
import dev.slipway.tensor.kernel.Flat;
import dev.slipway.tensor.kernel.Lanes;
import dev.slipway.tensor.kernel.Pages;
import dev.slipway.tensor.machine.MachineCode;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PackedLinearTest {
  private static final int ROWS = 20;

  private static float[] random(Random random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** Rows of x in a buffer of padded rows. */
  private static Operand operand(Arena arena, WeightFormat format, float[] x, int in) {
    int count = x.length / in;
    Operand operand = new Operand(arena, format, count, in);
    Buffer rows = Buffer.allocate(arena, DType.FLOAT32, (long) count * Operand.padded(in));
    for (int i = 0; i < x.length; i++) {
      Lanes.set(rows.memory().address(), i / in * (long) Operand.padded(in) + i % in, x[i]);
    }
    operand.put(rows, Operand.padded(in), count);
    return operand;
  }

  @ParameterizedTest
  @EnumSource(WeightFormat.class)
  void productsAreWithinTheFormatsPrecision(WeightFormat format) {
    Random random = new Random(3);
    int in = 200; // no whole groups
    int[] outs = {70, 130}; // no whole panels
    float[] x = random(random, ROWS * in);
    float[] first = random(random, outs[0] * in);
    float[] second = random(random, outs[1] * in);
    float[] firstBias = random(random, outs[0]);
    float[] secondBias = random(random, outs[1]);
    try (Arena arena = Arena.ofShared();
        Scope _ = Scope.open()) {
      PackedLinear linear =
          new PackedLinear(
              arena,
              format,
              List.of(Tensor.of(first, outs[0], in), Tensor.of(second, outs[1], in)),
              List.of(Tensor.of(firstBias, outs[0]), Tensor.of(secondBias, outs[1])));
      Buffer y = Buffer.allocate(arena, DType.FLOAT32, (long) ROWS * linear.stride());
      linear.apply(operand(arena, format, x, in), ROWS, y);
      // Roundings of N(0, 1) add up over 200 products of deviation 1: 14 in all.
      double tolerance =
          switch (format) {
            case FLOAT32 -> 1e-4;
            case BFLOAT16 -> 0.2;
            case INT8 -> 0.8;
            case INT4 -> 8;
          };
      for (int row = 0; row < ROWS; row++) {
        for (int o = 0; o < outs[0] + outs[1]; o++) {
          boolean one = o < outs[0];
          int at = one ? o : o - outs[0];
          double sum = one ? firstBias[at] : secondBias[at];
          for (int k = 0; k < in; k++) {
            sum += (double) x[row * in + k] * (one ? first : second)[at * in + k];
          }
          int place = linear.start(one ? 0 : 1) + at;
          assertThat((double) y.floats((long) row * linear.stride() + place, 1)[0])
              .as(format + " row " + row + " output " + o)
              .isCloseTo(sum, within(tolerance));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(WeightFormat.class)
  void aRowHasTheSameBitsInATileOfAnySizeByMachineCodeAndByVectors(WeightFormat format) {
    Tiles machine = Tiles.machine(format);
    assumeTrue(machine != null, "this processor has no instructions for " + format);
    Random random = new Random(5);
    int in = 256;
    try (Arena arena = Arena.ofShared();
        Scope _ = Scope.open()) {
      Operand x = operand(arena, format, random(random, ROWS * in), in);
      Tensor weight = Tensor.of(random(random, 64 * in), 64, in);
      PackedLinear linear = new PackedLinear(arena, format, List.of(weight), List.of());
      Buffer vectors = Buffer.allocate(arena, DType.FLOAT32, ROWS * 64L);
      Buffer tiles = Buffer.allocate(arena, DType.FLOAT32, ROWS * 64L);
      linear.panel(Tiles.vectors(format), x, 0, ROWS, 0, vectors.memory().address(), 256);
      for (int rows = 1; rows <= ROWS; rows++) {
        for (int from = 0; from + rows <= ROWS; from++) {
          Flat.zero(tiles);
          linear.panel(machine, x, from, rows, 0, tiles.memory().address(), 256);
          assertThat(tiles.floats(0, rows * 64)).isEqualTo(vectors.floats(from * 64L, rows * 64));
        }
      }
    }
  }

  /** Of panels in turn, those of odd numbers have every exponent that there is. */
  private static Tensor weights(Random random, int panels, int in) {
    float[] values = random(random, 64 * panels * in);
    for (int i = 0; i < values.length; i++) {
      if (i / in / 64 % 2 == 1) {
        values[i] *= (float) Math.scalb(1.0, random.nextInt(200) - 100);
      } else if (random.nextInt(50) == 0) {
        values[i] = 0;
      }
    }
    return Tensor.of(values, 64L * panels, in).to(DType.BFLOAT16);
  }

  @Test
  void panelsInFewerBytesGiveTheSameBitsForAnyNumberOfRows() {
    assumeTrue(CompactTiles.common() != null, "this processor has no instructions for them");
    Random random = new Random(7);
    int in = 200; // no whole groups
    int most = 64; // of more than 20 the first ones keep the panel for the others
    try (Arena arena = Arena.ofShared();
        Scope _ = Scope.open()) {
      Tensor weight = weights(random, 3, in);
      WeightMemory memory = new WeightMemory(arena);
      WeightFormat format = WeightFormat.BFLOAT16;
      Operand x = operand(arena, format, random(random, most * in), in);
      PackedLinear whole = new PackedLinear(arena, format, List.of(weight), List.of());
      PackedLinear compact = new PackedLinear(memory, format, List.of(weight), List.of());
      // Two of three, by 49 of 64 bytes: a table of 16 for 768 of 1,024.
      assertThat(compact.bytes()).isEqualTo(whole.bytes() / 3 * (64 + 2 * 49) / 64);
      Buffer expected = Buffer.allocate(arena, DType.FLOAT32, (long) most * whole.stride());
      Buffer y = Buffer.allocate(arena, DType.FLOAT32, (long) most * whole.stride());
      whole.apply(x, most, expected);
      for (int rows = 1; rows <= most; rows++) {
        Flat.zero(y);
        compact.apply(x, rows, y);
        assertThat(y.floats(0, rows * whole.stride()))
            .isEqualTo(expected.floats(0, rows * whole.stride()));
      }
    }
  }

  @Test
  void roomsForWeightsDoNotOverlap() {
    try (Arena arena = Arena.ofShared()) {
      WeightMemory memory = new WeightMemory(arena);
      long first = memory.take(100);
      long second = memory.take(200L << 20);
      long third = memory.take(64);
      assertThat(first % 64).isZero();
      assertThat(second % 64).isZero();
      assertThat(third).isNotEqualTo(first);
      assertThat(third >= second + (200L << 20) || third + 64 <= second).isTrue();
      Lanes.set(first, 24, 1);
      Lanes.set(second, (50L << 20) - 1, 2);
      Lanes.set(third, 15, 3);
      assertThat(Lanes.get(first, 24)).isEqualTo(1);
      assertThat(Lanes.get(second, (50L << 20) - 1)).isEqualTo(2);
    }
  }

  @Test
  void weightsArePackedAlikeByMachineCodeAndByLoops() {
    MethodHandle code = MachineCode.has("avx512f") ? MachineCode.map(PackTiles.code()) : null;
    assumeTrue(code != null, "this processor has no instructions to pack by");
    int steps = 37;
    long stride = 4L * steps + 64;
    try (Arena arena = Arena.ofShared()) {
      Buffer rows = Buffer.allocate(arena, DType.FLOAT32, stride / 4 * PackedLinear.PANEL);
      for (int i = 0; i < rows.size(); i++) {
        rows.memory().setAtIndex(ValueLayout.JAVA_INT, i, i);
      }
      Buffer loops = Buffer.allocate(arena, DType.FLOAT32, (long) steps * PackedLinear.PANEL);
      Buffer machine = Buffer.allocate(arena, DType.FLOAT32, (long) steps * PackedLinear.PANEL);
      RowPanel.transpose(rows.memory().address(), stride, loops.memory().address(), steps);
      PackTiles.transpose(code, rows.memory().address(), stride, machine.memory().address(), steps);
      assertThat(machine.memory().mismatch(loops.memory())).isEqualTo(-1);
    }
  }

  @Test
  void pagesAreClearAndGoWithTheirArena() {
    long bytes = 3 << 20;
    MemorySegment kept;
    try (Arena arena = Arena.ofShared()) {
      kept = Pages.allocate(arena, bytes);
      boolean linux = System.getProperty("os.name").equals("Linux");
      assertThat(linux ? kept.address() % (2 << 20) : 0).as("where huge pages begin").isZero();
      assertThat(kept.byteSize()).isEqualTo(bytes);
      assertThat(kept.get(ValueLayout.JAVA_LONG, bytes - 8)).isZero();
      kept.set(ValueLayout.JAVA_LONG, bytes - 8, 1);
    }
    assertThat(kept.scope().isAlive()).isFalse();
  }
}
