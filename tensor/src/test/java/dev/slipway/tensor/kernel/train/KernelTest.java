package dev.slipway.tensor.kernel.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.tensor.DType;
import dev.slipway.tensor.Matmul;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.tensor.kernel.Buffer;
import dev.slipway.tensor.kernel.Flat;
import dev.slipway.tensor.kernel.Lanes;
import dev.slipway.tensor.kernel.Team;
import dev.slipway.tensor.kernel.Throughput;
import dev.slipway.tensor.kernel.optim.AdamW;
import java.lang.foreign.Arena;
import java.util.Random;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

class KernelTest {
  @Test
  void roundsToBfloat16AsLibtorchDoes() {
    Random random = new Random(1);
    float[] values = new float[1003]; // not whole vectors
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(60) - 30));
    }
    values[0] = Float.POSITIVE_INFINITY;
    values[1] = -0f;
    values[2] = Float.NaN;
    values[3] = Float.intBitsToFloat(0x3F808000); // half way, to even
    values[1000] = Float.intBitsToFloat(0x3F818000);
    try (Arena arena = Arena.ofShared();
        Scope _ = Scope.open()) {
      Tensor floats = Tensor.of(values);
      Buffer shadow = Buffer.allocate(arena, DType.BFLOAT16, values.length);
      Flat.toBfloat16(Buffer.of(floats), shadow, values.length);
      assertThat(shadow.tensor(values.length).toFloats())
          .containsExactly(floats.to(DType.BFLOAT16).toFloats());
    }
  }

  @Test
  void exponentialIsWithinTwoUnitsInTheLastPlace() {
    try (Arena arena = Arena.ofConfined()) {
      long x = arena.allocate(4L * Lanes.WIDTH, 64).address();
      for (double at = -87; at < 87; at += 0.0137) {
        for (int i = 0; i < Lanes.WIDTH; i++) {
          Lanes.set(x, i, (float) (at + i * 1e-4));
        }
        Lanes.store(Lanes.exp(Lanes.load(x)), x + 0);
        for (int i = 0; i < Lanes.WIDTH; i++) {
          double exact = StrictMath.exp((float) (at + i * 1e-4));
          assertThat((double) Lanes.get(x, i)).isCloseTo(exact, within(2.5e-7 * exact));
        }
      }
    }
  }

  @Test
  void squaredNormCountsEveryValueOnce() {
    try (Scope _ = Scope.open()) {
      Tensor ones = Tensor.full(1, DType.FLOAT32, 200_003);
      assertThat(Flat.squaredNorm(Buffer.of(ones), 0, 200_003)).isEqualTo(200_003);
      assertThat(Flat.squaredNorm(Buffer.of(ones), 7, 70_000)).isEqualTo(69_993);
    }
  }

  @Test
  void adamWStepsAsWritten() {
    try (Scope _ = Scope.open()) {
      int n = 70_001;
      Tensor p = Tensor.full(0.5, DType.FLOAT32, n);
      Tensor g = Tensor.full(0.2, DType.FLOAT32, n);
      Tensor m = Tensor.zeros(DType.FLOAT32, n);
      Tensor v = Tensor.zeros(DType.FLOAT32, n);
      AdamW adamW =
          new AdamW(java.util.List.of(new AdamW.Range(0, n - 1, 0, 0.1, 1)), 0.9, 0.95, 1e-8);
      adamW.step(Buffer.of(p), Buffer.of(g), Buffer.of(m), Buffer.of(v), 0.01, 1, 1, null);
      // At step 1 the corrected moments are g and g²: p (1 - lr decay) - lr.
      float[] values = p.toFloats();
      assertThat(values[0]).isCloseTo(0.5f * 0.999f - 0.01f, within(1e-6f));
      assertThat(values[n - 2]).isEqualTo(values[0]);
      assertThat(values[n - 1]).isEqualTo(0.5f);
    }
  }

  @Test
  void aTeamDoesEverySliceOnceAndTellsFailures() {
    Team team = Team.common();
    AtomicIntegerArray seen = new AtomicIntegerArray(16);
    for (int i = 0; i < 5_000; i++) {
      team.run(16, (slice, worker) -> seen.incrementAndGet(slice));
    }
    for (int slice = 0; slice < 16; slice++) {
      assertThat(seen.get(slice)).isEqualTo(5_000);
    }
    assertThatThrownBy(
            () ->
                team.run(
                    4,
                    (slice, worker) -> {
                      if (slice == 2) {
                        throw new IllegalArgumentException("slice 2");
                      }
                    }))
        .hasRootCauseMessage("slice 2");
    team.run(16, (slice, worker) -> seen.incrementAndGet(slice));
    assertThat(seen.get(7)).isEqualTo(5_001);
  }

  @Test
  void float32StaysFloat32WhoeverMultiplies() {
    try (Scope _ = Scope.open();
        Matmul.Float32ByOneDnn _ = Matmul.Float32ByOneDnn.open()) {
      Tensor a = Tensor.full(1.001, DType.FLOAT32, 256, 256); // not a bfloat16
      Tensor out = Tensor.empty(DType.FLOAT32, 256, 256);
      Matmul.mm(out, a, a);
      assertThat(out.toFloats()[77]).isCloseTo(256 * 1.001f * 1.001f, within(1e-3f));
    }
  }

  @Test
  void calibrationGivesPlausibleSpeeds() {
    assertThat(Throughput.matmul(DType.FLOAT32, 128, 128, 128, 0.05)).isBetween(1e7, 1e14);
    assertThat(Throughput.memoryBandwidth(0.1)).isBetween(1e7, 1e13);
  }

  @Test
  void refusesBuffersThatAreTooSmall() {
    try (Arena arena = Arena.ofShared()) {
      Buffer small = Buffer.allocate(arena, DType.FLOAT32, 100);
      assertThatThrownBy(() -> Flat.squaredNorm(small, 0, 1000))
          .hasMessageContaining("needs 1000 values");
    }
  }
}
