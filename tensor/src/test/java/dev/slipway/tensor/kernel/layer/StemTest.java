package dev.slipway.tensor.kernel.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.tensor.DType;
import dev.slipway.tensor.Generator;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.tensor.kernel.Lanes;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Beside the same formulas in autograd's operations. */
class StemTest {
  @ParameterizedTest
  @CsvSource({"5, 1, 9, 11, 3, 0", "2, 3, 8, 8, 3, 1", "19, 2, 7, 10, 4, 2", "1, 1, 28, 28, 5, 0"})
  void isAutograds(int rows, int channels, int height, int width, int size, int padding) {
    int filters = 2 * Lanes.WIDTH;
    try (Scope _ = Scope.open()) {
      Tensor x = random(1, rows, channels, height, width);
      Tensor weight = random(2, filters, channels, size, size);
      Tensor bias = random(3, filters);
      Tensor otherWeight = weight.copy().setRequiresGrad(true);
      Tensor otherBias = bias.copy().setRequiresGrad(true);
      Tensor fast =
          new StemLayer(weight.setRequiresGrad(true), bias.setRequiresGrad(true))
              .forward(x, padding);
      Tensor slow = byAutograd(x, otherWeight, otherBias, padding);
      assertClose(fast, slow);
      Tensor weigh = random(4, fast.shape());
      fast.mul(weigh).sum().backward();
      slow.mul(weigh).sum().backward();
      assertClose(
          Objects.requireNonNull(weight.grad()), Objects.requireNonNull(otherWeight.grad()));
      assertClose(Objects.requireNonNull(bias.grad()), Objects.requireNonNull(otherBias.grad()));
    }
  }

  private static Tensor byAutograd(Tensor x, Tensor weight, Tensor bias, int padding) {
    long size = weight.size(2);
    long filters = weight.size(0);
    Tensor padded =
        Tensor.zeros(
            DType.FLOAT32, x.size(0), x.size(1), x.size(2) + 2 * padding, x.size(3) + 2 * padding);
    padded.narrow(2, padding, x.size(2)).narrow(3, padding, x.size(3)).copyInPlace(x);
    long height = padded.size(2) - size + 1;
    long width = padded.size(3) - size + 1;
    Tensor sum = bias.view(1, filters, 1, 1);
    for (int channel = 0; channel < x.size(1); channel++) {
      for (int i = 0; i < size; i++) {
        for (int j = 0; j < size; j++) {
          Tensor seen = padded.narrow(1, channel, 1).narrow(2, i, height).narrow(3, j, width);
          Tensor tap = weight.narrow(1, channel, 1).narrow(2, i, 1).narrow(3, j, 1);
          sum = sum.add(seen.mul(tap.view(1, filters, 1, 1))); // (B, F, H', W')
        }
      }
    }
    Tensor zero = Tensor.zeros(DType.FLOAT32);
    Tensor active = larger(sum, zero);
    long lines = height / 2;
    long columns = width / 2;
    Tensor windows =
        active
            .narrow(2, 0, 2 * lines)
            .narrow(3, 0, 2 * columns)
            .reshape(x.size(0), filters, lines, 2, columns, 2);
    Tensor upper = windows.narrow(3, 0, 1);
    Tensor lower = windows.narrow(3, 1, 1);
    return larger(
            larger(upper.narrow(5, 0, 1), upper.narrow(5, 1, 1)),
            larger(lower.narrow(5, 0, 1), lower.narrow(5, 1, 1)))
        .reshape(x.size(0), filters, lines, columns);
  }

  private static Tensor larger(Tensor a, Tensor b) {
    Tensor first = a.detach().ge(b.detach()).to(DType.FLOAT32);
    return a.mul(first).add(b.mul(first.neg().add(1)));
  }

  private static Tensor random(long seed, long... shape) {
    return Tensor.empty(DType.FLOAT32, shape).normalInPlace(0, 1, Generator.seeded(seed));
  }

  private static void assertClose(Tensor actual, Tensor expected) {
    assertThat(actual.shape()).isEqualTo(expected.shape());
    float[] a = actual.toFloats();
    float[] b = expected.toFloats();
    for (int i = 0; i < a.length; i++) {
      assertThat(a[i])
          .as("value %d", i)
          .isCloseTo(b[i], within(5e-5f * Math.max(1, Math.abs(b[i]))));
    }
  }
}
