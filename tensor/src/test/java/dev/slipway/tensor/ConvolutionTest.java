package dev.slipway.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConvolutionTest {
  /** Small pictures in wide padding, where some of a window never sees the picture. */
  @ParameterizedTest
  @CsvSource({
    "1, 1, 3, 1, 1, 1",
    "2, 2, 3, 2, 1, 1",
    "1, 2, 3, 2, 1, 1",
    "2, 5, 3, 1, 1, 1",
    "1, 1, 5, 1, 2, 1",
    "2, 3, 7, 4, 3, 1",
    "1, 1, 3, 1, 2, 2",
    "3, 3, 3, 3, 2, 2",
    "3, 4, 3, 5, 2, 1"
  })
  void paddingIsZerosAround(
      int height, int width, int window, int stride, int padding, int dilation) {
    try (Scope _ = Scope.open()) {
      Tensor x = random(1, 4, 3, height, width);
      Tensor weight = random(2, 5, 3, window, window);
      Tensor padded = Tensor.zeros(DType.FLOAT32, 4, 3, height + 2 * padding, width + 2 * padding);
      padded.narrow(2, padding, height).narrow(3, padding, width).copyInPlace(x);
      Tensor a = weight.copy().setRequiresGrad(true);
      Tensor b = weight.copy().setRequiresGrad(true);
      Tensor input = x.copy().setRequiresGrad(true);
      Tensor around = padded.setRequiresGrad(true);
      Tensor y = convolve(input, a, stride, padding, dilation);
      Tensor expected = convolve(around, b, stride, 0, dilation);
      assertClose(y, expected);
      Tensor weigh = random(3, y.shape());
      y.mul(weigh).sum().backward();
      expected.mul(weigh).sum().backward();
      assertClose(Objects.requireNonNull(a.grad()), Objects.requireNonNull(b.grad()));
      assertClose(
          Objects.requireNonNull(input.grad()),
          Objects.requireNonNull(around.grad())
              .narrow(2, padding, height)
              .narrow(3, padding, width));
    }
  }

  private static Tensor convolve(
      Tensor x, Tensor weight, long stride, long padding, long dilation) {
    return Convolution.conv2d(
        x,
        weight,
        null,
        new long[] {stride, stride},
        new long[] {padding, padding},
        new long[] {dilation, dilation},
        1);
  }

  private static Tensor random(long seed, long... shape) {
    return Tensor.empty(DType.FLOAT32, shape).normalInPlace(0, 1, Generator.seeded(seed));
  }

  private static void assertClose(Tensor actual, Tensor expected) {
    assertThat(actual.shape()).isEqualTo(expected.shape());
    float[] a = actual.toFloats();
    float[] b = expected.toFloats();
    for (int i = 0; i < a.length; i++) {
      assertThat(a[i]).as("value %d", i).isCloseTo(b[i], within(2e-5f));
    }
  }
}
