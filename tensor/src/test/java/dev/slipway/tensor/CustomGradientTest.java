package dev.slipway.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.junit.jupiter.api.Test;

class CustomGradientTest {
  /** {@code 3 x²}, by hand. */
  private static Tensor square(Tensor x) {
    Tensor value;
    try (NoGrad _ = NoGrad.open()) {
      value = x.mul(x).mul(3);
    }
    return CustomGradient.join(x, value, gradient -> gradient.mul(x.detach()).mul(6));
  }

  @Test
  void isPartOfTheGraph() {
    try (Scope _ = Scope.open()) {
      Tensor x = Tensor.of(new float[] {1, 2, -3}).setRequiresGrad(true);
      Tensor inner = x.mul(2);
      Tensor y = square(inner); // 12 x²
      assertThat(y.toFloats()).containsExactly(12, 48, 108);
      // Both the input and the output are taken twice.
      y.mul(y).sum().add(y.sum()).add(inner.sum()).backward();
      // 144 x⁴ + 12 x² + 2 x
      assertThat(Objects.requireNonNull(x.grad()).toFloats())
          .containsExactly(576 + 24 + 2, 4608 + 48 + 2, -15552 - 72 + 2);
    }
  }

  @Test
  void standsInAChainAndAtItsBeginning() {
    try (Scope _ = Scope.open()) {
      Tensor x = Tensor.of(new float[] {0.5f}).setRequiresGrad(true);
      square(square(x.mul(1))).sum().backward(); // 27 x⁴
      assertThat(Objects.requireNonNull(x.grad()).toFloats()).containsExactly(13.5f);
      boolean[] called = {false};
      Tensor data = Tensor.of(new float[] {1, 2});
      Tensor y =
          CustomGradient.join(
              data,
              data.mul(2),
              gradient -> {
                called[0] = gradient.toFloats()[1] == 4;
                return null;
              });
      y.mul(y).div(2).sum().backward();
      assertThat(called[0]).isTrue();
    }
  }

  @Test
  void roomComesBackWhenAScopeCloses() {
    for (int round = 0; round < 40; round++) {
      try (Scope _ = Scope.open()) {
        Tensor x = Tensor.of(new float[] {round}).setRequiresGrad(true);
        assertThat(CustomGradient.available()).isTrue();
        Tensor y = square(square(x));
        if (round % 2 == 0) {
          y.sum().backward();
        }
      }
    }
  }
}
