package dev.slipway.tensor.kernel.layer;

import dev.slipway.tensor.CustomGradient;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Tensor;
import dev.slipway.tensor.kernel.Buffer;

/**
 * {@link Stem} as a part of autograd's graph.
 *
 * @param weight (filters, channels, size, size), a leaf with a gradient where it is learnt
 * @param bias (filters)
 */
public record StemLayer(Tensor weight, Tensor bias) {
  /** Values that a filter sees: beyond, a library's convolution is the faster one. */
  private static final int MOST_TAPS = 75;

  /** Whether such a convolution on pictures that need no gradient is faster so. */
  public static boolean covers(Tensor pictures, Tensor weight) {
    return !pictures.requiresGrad()
        && pictures.dtype() == DType.FLOAT32
        && weight.size(2) == weight.size(3)
        && weight.numel() / weight.size(0) <= MOST_TAPS
        && Stem.covers((int) weight.size(0))
        && CustomGradient.available();
  }

  /**
   * {@code max-pool(relu(conv(x)), 2)}.
   *
   * @param x (B, channels, height, width)
   * @param padding zeros on each side
   * @return (B, filters, lines, columns), channels last in memory
   */
  public Tensor forward(Tensor x, int padding) {
    Stem kernel =
        new Stem(
            (int) x.size(0),
            (int) x.size(1),
            (int) x.size(2),
            (int) x.size(3),
            (int) weight.size(0),
            (int) weight.size(2),
            padding);
    Tensor pictures;
    Tensor y;
    Tensor choice;
    try (NoGrad _ = NoGrad.open()) {
      pictures = x.detach().contiguous();
      y =
          Tensor.empty(
              DType.FLOAT32, kernel.rows(), kernel.lines(), kernel.columns(), kernel.filters());
      choice = Tensor.empty(DType.FLOAT32, y.shape());
      kernel.forward(
          Buffer.of(pictures),
          Buffer.of(weight.detach().permute(1, 2, 3, 0).contiguous()),
          Buffer.of(bias),
          Buffer.of(y),
          Buffer.of(choice));
    }
    Tensor joined =
        CustomGradient.recording() && weight.requiresGrad()
            ? CustomGradient.join(
                pictures,
                y,
                gradient -> {
                  learn(kernel, pictures, choice, gradient);
                  return null;
                })
            : y;
    return joined.permute(0, 3, 1, 2);
  }

  private void learn(Stem kernel, Tensor pictures, Tensor choice, Tensor gradient) {
    try (NoGrad _ = NoGrad.open()) {
      Tensor dWeight =
          Tensor.zeros(
              DType.FLOAT32, weight.size(1), weight.size(2), weight.size(3), weight.size(0));
      Tensor dBias = Tensor.zeros(DType.FLOAT32, bias.shape());
      kernel.backward(
          Buffer.of(pictures),
          Buffer.of(choice),
          Buffer.of(gradient.contiguous()),
          Buffer.of(dWeight),
          Buffer.of(dBias));
      CustomGradient.gradient(weight).addInPlace(dWeight.permute(3, 0, 1, 2), 1);
      CustomGradient.gradient(bias).addInPlace(dBias, 1);
    }
  }
}
