package dev.slipway.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class MemoryTest {
  @Test
  void twoThousandStepsStayAtConstantMemory() {
    Tensor w = Tensor.full(0.01, DType.FLOAT32, 128, 128).setRequiresGrad(true);
    w.setGrad(Tensor.zeros(DType.FLOAT32, 128, 128));
    for (int i = 0; i < 200; i++) {
      step(w);
    }
    long before = Engine.residentBytes();
    for (int i = 0; i < 2_000; i++) {
      step(w);
    }
    // Each step makes about 2 MB of tensors: 4 GB in all, were they to leak.
    assertThat(Engine.residentBytes() - before).isLessThan(64L << 20);
    assertThat(Engine.peakResidentBytes()).isGreaterThanOrEqualTo(before);
  }

  private static void step(Tensor w) {
    try (Scope _ = Scope.open()) {
      Tensor x = Tensor.full(0.5, DType.FLOAT32, 1024, 128);
      Functional.linear(x, w, null).tanh().mul(2).sum().backward();
    }
  }

  @Test
  void whatAScopeLeavesLivesInTheOneAround() {
    Tensor inner;
    Tensor left;
    Tensor given;
    try (Scope _ = Scope.open()) {
      given = Tensor.full(1, DType.FLOAT32, 4);
      try (Scope scope = Scope.open()) {
        inner = given.mul(2);
        left = scope.leave(inner.add(1));
        assertThat(scope.leave(given)).isSameAs(given);
      }
      assertThat(inner.handle.isNull()).isTrue();
      assertThat(left.toFloats()).containsExactly(3, 3, 3, 3);
      assertThat(given.toFloats()).containsExactly(1, 1, 1, 1);
    }
    assertThat(left.handle.isNull()).isTrue();
    assertThat(given.handle.isNull()).isTrue();
  }

  @Test
  void lackOfMemorySaysWhatWasAskedFor() {
    assertThatThrownBy(() -> Tensor.empty(DType.FLOAT32, 1L << 48))
        .isInstanceOfSatisfying(
            TensorOutOfMemory.class, e -> assertThat(e.requestedBytes()).isEqualTo(4L << 48))
        .hasMessageContaining("1,125,899,906,842,624 bytes");
  }

  @Test
  void recognisesAGpusLackOfMemoryAndNothingElse() {
    TensorOutOfMemory gpu =
        TensorOutOfMemory.recognise(
            new RuntimeException("CUDA out of memory. Tried to allocate 2.50 GiB. GPU 0 has …"));
    assertThat(gpu)
        .isInstanceOfSatisfying(
            TensorOutOfMemory.class, e -> assertThat(e.requestedBytes()).isEqualTo(5L << 29));
    assertThat(TensorOutOfMemory.recognise(new RuntimeException("shapes differ"))).isNull();
  }

  @Test
  void autocastEndsAndForgetsItsCasts() {
    try (Scope _ = Scope.open();
        NoGrad _ = NoGrad.open()) {
      Tensor x = Tensor.full(1, DType.FLOAT32, 2, 4);
      Tensor w = Tensor.full(1, DType.FLOAT32, 3, 4);
      try (Autocast _ = Autocast.open(Device.CPU, DType.BFLOAT16)) {
        assertThat(Functional.linear(x, w, null).dtype()).isEqualTo(DType.BFLOAT16);
      }
      assertThat(Functional.linear(x, w, null).dtype()).isEqualTo(DType.FLOAT32);
    }
  }
}
