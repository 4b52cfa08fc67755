package dev.slipway.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class TensorTest {
  @Test
  void differentiatesThroughAProduct() {
    try (Scope _ = Scope.open()) {
      Tensor w = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2).setRequiresGrad(true);
      Tensor grad = Tensor.zeros(DType.FLOAT32, 2, 2);
      w.setGrad(grad);
      Tensor x = Tensor.of(new float[] {1, -1}, 1, 2);
      Functional.linear(x, w, null).sum().backward();
      assertThat(grad.toFloats()).containsExactly(1, -1, 1, -1);
    }
  }

  @Test
  void viewsForeignMemoryWithoutACopy() {
    try (Arena arena = Arena.ofConfined();
        Scope _ = Scope.open()) {
      var memory = arena.allocate(16, 64);
      Tensor view = Tensor.view(memory, DType.FLOAT32, 4);
      memory.setAtIndex(ValueLayout.JAVA_FLOAT, 2, 7f);
      assertThat(view.toFloats()).containsExactly(0, 0, 7, 0);
      view.fillInPlace(3);
      assertThat(memory.getAtIndex(ValueLayout.JAVA_FLOAT, 3)).isEqualTo(3f);
      assertThat(view.segment().address()).isEqualTo(memory.address());
    }
  }

  @Test
  void keptTensorsOutliveTheirScope() {
    Tensor kept;
    Tensor lost;
    try (Scope scope = Scope.open()) {
      kept = scope.keep(Tensor.full(2, DType.FLOAT32, 3));
      lost = Tensor.full(2, DType.FLOAT32, 3);
    }
    assertThat(kept.toFloats()).containsExactly(2, 2, 2);
    assertThat(lost).hasToString("closed tensor");
    kept.close();
    assertThat(kept).hasToString("closed tensor");
  }

  @Test
  void aGeneratorOfTheSameSeedDrawsTheSameNumbers() {
    float[] first =
        Tensor.empty(DType.FLOAT32, 5).normalInPlace(0, 1, Generator.seeded(7)).toFloats();
    assertThat(Tensor.empty(DType.FLOAT32, 5).normalInPlace(0, 1, Generator.seeded(7)).toFloats())
        .containsExactly(first);
  }
}
