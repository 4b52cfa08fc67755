package dev.slipway.tensor;

import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Convolutions and poolings, channels first, as {@code torch.nn.functional} has them. */
public final class Convolution {
  private Convolution() {}

  /** x (B, in, T), weight (out, in / groups, K), bias (out) or null, to (B, out, T'). */
  public static Tensor conv1d(
      Tensor x,
      Tensor weight,
      @Nullable Tensor bias,
      long stride,
      long padding,
      long dilation,
      long groups) {
    return new Tensor(
        torch.conv1d(
            x.handle,
            weight.handle,
            optional(bias),
            new long[] {stride},
            new long[] {padding},
            new long[] {dilation},
            groups));
  }

  /**
   * x (B, in, H, W), weight (out, in / groups, K, L), bias (out) or null; pairs are (H, W). The
   * output lies channels last in memory where that is the faster layout.
   */
  public static Tensor conv2d(
      Tensor x,
      Tensor weight,
      @Nullable Tensor bias,
      long[] stride,
      long[] padding,
      long[] dilation,
      long groups) {
    Taps lines = Taps.of(x.size(2), weight.size(2), stride[0], padding[0], dilation[0]);
    Taps columns = Taps.of(x.size(3), weight.size(3), stride[1], padding[1], dilation[1]);
    return new Tensor(
        torch.conv2d(
            groups == 1 && x.size(1) > 1
                ? x.handle.contiguous(torch.MemoryFormat.ChannelsLast)
                : x.handle,
            columns.of(lines.of(weight, 2), 3).handle,
            optional(bias),
            stride,
            new long[] {lines.padding, columns.padding},
            dilation,
            groups));
  }

  /**
   * The part of a window that ever sees the input in one dimension, and the padding that it needs:
   * on pictures as small as the window the rest meets padding alone.
   */
  private record Taps(long from, long count, long padding) {
    static Taps of(long size, long window, long stride, long padding, long dilation) {
      long outputs = (size + 2 * padding - dilation * (window - 1) - 1) / stride + 1;
      if (outputs != 1) {
        return new Taps(0, window, padding); // every tap sees something, or cutting gains little
      }
      long from = (padding + dilation - 1) / dilation;
      long to = Math.min(window - 1, (padding + size - 1) / dilation) + 1;
      // What the first tap that stays sees lies within the input; behind the last one nothing does.
      boolean exact = from < to && from * dilation == padding;
      long seen = (to - from - 1) * dilation + 1;
      return exact && (size - seen) / stride == 0
          ? new Taps(from, to - from, 0)
          : new Taps(0, window, padding);
    }

    Tensor of(Tensor weight, int dimension) {
      return count == weight.size(dimension) ? weight : weight.narrow(dimension, from, count);
    }
  }

  /** x (B, in, T), weight (in, out / groups, K), bias (out) or null, to (B, out, T'). */
  public static Tensor convTranspose1d(
      Tensor x,
      Tensor weight,
      @Nullable Tensor bias,
      long stride,
      long padding,
      long outputPadding,
      long groups,
      long dilation) {
    return new Tensor(
        torch.conv_transpose1d(
            x.handle,
            weight.handle,
            optional(bias),
            new long[] {stride},
            new long[] {padding},
            new long[] {outputPadding},
            groups,
            dilation));
  }

  /** x (B, in, H, W), weight (in, out / groups, K, L), bias (out) or null. */
  public static Tensor convTranspose2d(
      Tensor x,
      Tensor weight,
      @Nullable Tensor bias,
      long[] stride,
      long[] padding,
      long[] outputPadding,
      long groups,
      long... dilation) {
    return new Tensor(
        torch.conv_transpose2d(
            x.handle,
            weight.handle,
            optional(bias),
            stride,
            padding,
            outputPadding,
            groups,
            dilation));
  }

  /** Largest value of each window of (B, C, T). */
  public static Tensor maxPool1d(Tensor x, long size, long stride, long padding) {
    return new Tensor(
        torch.max_pool1d(
            x.handle,
            new long[] {size},
            new long[] {stride},
            new long[] {padding},
            new long[] {1},
            false));
  }

  /** Largest value of each window of (B, C, H, W). */
  public static Tensor maxPool2d(Tensor x, long[] size, long[] stride, long[] padding) {
    return new Tensor(torch.max_pool2d(x.handle, size, stride, padding, new long[] {1, 1}, false));
  }

  /** Mean of each window of (B, C, T), padding counted as zeros. */
  public static Tensor avgPool1d(Tensor x, long size, long stride, long padding) {
    return new Tensor(
        torch.avg_pool1d(
            x.handle, new long[] {size}, new long[] {stride}, new long[] {padding}, false, true));
  }

  /** Mean of each window of (B, C, H, W), padding counted as zeros. */
  public static Tensor avgPool2d(Tensor x, long[] size, long[] stride, long[] padding) {
    return new Tensor(
        torch.avg_pool2d(x.handle, size, stride, padding, false, true, new LongOptional()));
  }

  /** Means of (B, C, H, W) over a grid of the given height and width. */
  public static Tensor adaptiveAvgPool2d(Tensor x, long height, long width) {
    return new Tensor(torch.adaptive_avg_pool2d(x.handle, height, width));
  }

  private static TensorOptional optional(@Nullable Tensor tensor) {
    return tensor == null ? new TensorOptional() : new TensorOptional(tensor.handle);
  }
}
