package dev.slipway.model.sequential;

import dev.slipway.model.sequential.ConvolutionLayer.Conv2d;
import dev.slipway.model.sequential.PoolingLayer.MaxPool2d;
import dev.slipway.nn.Input;
import dev.slipway.tensor.Tensor;
import dev.slipway.tensor.kernel.layer.StemLayer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Two neighbouring layers in one pass, where they are a convolution with ReLU and a pooling by two
 * on pictures that need no gradient: how networks on pictures begin.
 */
final class PictureStem {
  private PictureStem() {}

  /** What both layers give, or nothing where they are others. */
  static Optional<Input> forward(Layer layer, @Nullable Layer next, Input x, Step step) {
    if (!(layer instanceof Conv2d conv) || !(next instanceof MaxPool2d pool)) {
      return Optional.empty();
    }
    Window two = Window.of(2);
    Window one = Window.of(1);
    boolean plain =
        conv.activation().equals(Optional.of(Activation.RELU))
            && conv.bias()
            && conv.groups() == 1
            && conv.stride().equals(one)
            && conv.dilation().equals(one)
            && conv.kernel().height() == conv.kernel().width()
            && pool.size().equals(two)
            && pool.stride().orElse(two).equals(two)
            && pool.padding().equals(Window.of(0));
    Tensor weight = step.weight("weight");
    return plain && StemLayer.covers(x.values(), weight)
        ? Optional.of(
            Input.of(
                new StemLayer(weight, step.weight("bias"))
                    .forward(x.values(), conv.padding().of(conv.kernel().height(), 1))))
        : Optional.empty();
  }
}
