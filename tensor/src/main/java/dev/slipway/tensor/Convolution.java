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

  /** x (B, in, H, W), weight (out, in / groups, K, L), bias (out) or null; pairs are (H, W). */
  public static Tensor conv2d(
      Tensor x,
      Tensor weight,
      @Nullable Tensor bias,
      long[] stride,
      long[] padding,
      long[] dilation,
      long groups) {
    return new Tensor(
        torch.conv2d(x.handle, weight.handle, optional(bias), stride, padding, dilation, groups));
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
