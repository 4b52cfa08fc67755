package dev.slipway.model.sequential;

import dev.slipway.base.binding.Auto;
import dev.slipway.base.binding.Default;
import dev.slipway.base.binding.Doc;
import dev.slipway.base.binding.Main;
import dev.slipway.base.binding.Range;
import dev.slipway.nn.Input;
import dev.slipway.nn.InputShape;
import dev.slipway.tensor.Convolution;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Layers;
import dev.slipway.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Windows that keep one value of each channel. */
public sealed interface PoolingLayer extends Layer {
  @Override
  default double flops(InputShape input) {
    return Shapes.values(input);
  }

  private static InputShape pictures(InputShape input, Window size, Window stride, Window padding) {
    List<Long> sizes = Shapes.picture(input).sizes();
    return Shapes.floats(
        List.of(
            sizes.get(0),
            Shapes.window(sizes.get(1), size.height(), stride.height(), padding.height(), 1),
            Shapes.window(sizes.get(2), size.width(), stride.width(), padding.width(), 1)));
  }

  private static InputShape sequences(InputShape input, int size, int stride, int padding) {
    List<Long> sizes = Shapes.sequence(input).sizes();
    return Shapes.floats(
        List.of(Shapes.window(sizes.getFirst(), size, stride, padding, 1), sizes.getLast()));
  }

  @Doc("Largest value of each window of a picture")
  record MaxPool2d(
      @Main @Doc("Height and width of the window") @Default("2") Window size,
      @Doc("Its step; auto is its size") @Default("auto") Auto<Window> stride,
      @Doc("Places put around the picture") @Default("0") Window padding)
      implements PoolingLayer {
    @Override
    public InputShape output(InputShape input) {
      return pictures(input, size, stride.orElse(size), padding);
    }

    @Override
    public Input forward(Input x, Step step) {
      return Input.of(
          Convolution.maxPool2d(
              x.values(), size.pair(), stride.orElse(size).pair(), padding.pair()));
    }
  }

  @Doc("Mean of each window of a picture")
  record AvgPool2d(
      @Main @Doc("Height and width of the window") @Default("2") Window size,
      @Doc("Its step; auto is its size") @Default("auto") Auto<Window> stride,
      @Doc("Zeros put around the picture") @Default("0") Window padding)
      implements PoolingLayer {
    @Override
    public InputShape output(InputShape input) {
      return pictures(input, size, stride.orElse(size), padding);
    }

    @Override
    public Input forward(Input x, Step step) {
      return Input.of(
          Convolution.avgPool2d(
              x.values(), size.pair(), stride.orElse(size).pair(), padding.pair()));
    }
  }

  @Doc("Largest value of each window of a sequence")
  record MaxPool1d(
      @Main @Doc("Length of the window") @Default("2") @Range(min = 1, max = 100_000) int size,
      @Doc("Its step; auto is its length") @Default("auto") @Range(min = 1, max = 100_000)
          Auto<Integer> stride,
      @Doc("Places put around the sequence") @Default("0") @Range(min = 0, max = 100_000)
          int padding)
      implements PoolingLayer {
    @Override
    public InputShape output(InputShape input) {
      return sequences(input, size, stride.orElse(size), padding);
    }

    @Override
    public Input forward(Input x, Step step) {
      return Input.of(
          Convolution.maxPool1d(x.values().transpose(1, 2), size, stride.orElse(size), padding)
              .transpose(1, 2));
    }
  }

  @Doc("Mean of each window of a sequence")
  record AvgPool1d(
      @Main @Doc("Length of the window") @Default("2") @Range(min = 1, max = 100_000) int size,
      @Doc("Its step; auto is its length") @Default("auto") @Range(min = 1, max = 100_000)
          Auto<Integer> stride,
      @Doc("Zeros put around the sequence") @Default("0") @Range(min = 0, max = 100_000)
          int padding)
      implements PoolingLayer {
    @Override
    public InputShape output(InputShape input) {
      return sequences(input, size, stride.orElse(size), padding);
    }

    @Override
    public Input forward(Input x, Step step) {
      return Input.of(
          Convolution.avgPool1d(x.values().transpose(1, 2), size, stride.orElse(size), padding)
              .transpose(1, 2));
    }
  }

  @Doc("Means on a grid of a given height and width, whatever the picture's")
  record AdaptiveAvgPool2d(@Doc("Height and width of the grid") Window size)
      implements PoolingLayer {
    @Override
    public InputShape output(InputShape input) {
      return Shapes.floats(
          List.of(
              Shapes.picture(input).sizes().getFirst(), (long) size.height(), (long) size.width()));
    }

    @Override
    public Input forward(Input x, Step step) {
      return Input.of(Convolution.adaptiveAvgPool2d(x.values(), size.height(), size.width()));
    }
  }

  /** Channels alone: of pictures all places, of sequences the places of the true length. */
  private static InputShape channels(InputShape input) {
    int dimensions = input.sizes().size();
    if (input.kind() != InputShape.Kind.FLOATS || dimensions < 2 || dimensions > 3) {
      throw new Mismatch("(B, time, features) or (B, channels, height, width)", "leave it out");
    }
    return Shapes.floats(
        List.of(dimensions == 3 ? input.sizes().getFirst() : input.sizes().getLast()));
  }

  /** Ones where a place is within its sequence, (B, T, 1). */
  private static Tensor within(Tensor sequence, Tensor lengths) {
    Tensor places = Tensor.arange(sequence.size(1), DType.INT64).unsqueeze(0);
    return lengths.unsqueeze(1).sub(places).ge(Tensor.of(new long[] {1})).unsqueeze(2);
  }

  @Doc("Mean over all places; of sequences over their true length")
  record GlobalAvgPool() implements PoolingLayer {
    @Override
    public InputShape output(InputShape input) {
      return channels(input);
    }

    @Override
    public Input forward(Input x, Step step) {
      Tensor values = x.values();
      if (values.dim() == 4) {
        return Input.of(values.mean(-1, false).mean(-1, false));
      }
      @Nullable Tensor lengths = x.lengths();
      if (lengths == null) {
        return Input.of(values.mean(1, false));
      }
      Tensor kept = values.mul(within(values, lengths).to(values.dtype()));
      Tensor counts = lengths.to(values.dtype()).unsqueeze(1);
      // An empty sequence has the mean 0.
      return Input.of(kept.sum(1, false).div(Layers.clip(counts, 1, Float.MAX_VALUE)));
    }
  }

  @Doc("Largest value over all places; of sequences over their true length")
  record GlobalMaxPool() implements PoolingLayer {
    @Override
    public InputShape output(InputShape input) {
      return channels(input);
    }

    @Override
    public Input forward(Input x, Step step) {
      Tensor values = x.values();
      if (values.dim() == 4) {
        return Input.of(Layers.max(Layers.max(values, -1), -1));
      }
      @Nullable Tensor lengths = x.lengths();
      if (lengths == null) {
        return Input.of(Layers.max(values, 1));
      }
      Tensor seen = values.maskedFill(within(values, lengths).logicalNot(), -1e9);
      // An empty sequence gives 0, as its mean does.
      return Input.of(Layers.max(seen, 1).maskedFill(lengths.unsqueeze(1).ne(0).logicalNot(), 0));
    }
  }
}
