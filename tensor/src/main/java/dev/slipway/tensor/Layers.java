package dev.slipway.tensor;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Norms, dropout and activations of networks, as {@code torch.nn.functional} has them. */
public final class Layers {
  private Layers() {}

  /**
   * Normalises each channel of (B, C, …) by the batch's mean and variance when training, which then
   * move the running ones by {@code momentum}, and else by the running ones. Ioffe, Szegedy 2015.
   */
  public static Tensor batchNorm(
      Tensor x,
      Tensor weight,
      Tensor bias,
      Tensor runningMean,
      Tensor runningVar,
      boolean training,
      double momentum,
      double epsilon) {
    return new Tensor(
        torch.batch_norm(
            x.handle,
            new TensorOptional(weight.handle),
            new TensorOptional(bias.handle),
            new TensorOptional(runningMean.handle),
            new TensorOptional(runningVar.handle),
            training,
            momentum,
            epsilon,
            false));
  }

  /** Normalises groups of channels of (B, C, …). Wu, He 2018. */
  public static Tensor groupNorm(
      Tensor x, long groups, Tensor weight, Tensor bias, double epsilon) {
    return new Tensor(
        torch.group_norm(
            x.handle,
            groups,
            new TensorOptional(weight.handle),
            new TensorOptional(bias.handle),
            epsilon,
            false));
  }

  /** Zeros a share of the values and scales the rest up, from libtorch's own generator. */
  public static Tensor dropout(Tensor x, double share) {
    return new Tensor(torch.dropout(x.handle, share, true));
  }

  public static Tensor relu(Tensor x) {
    return new Tensor(torch.relu(x.handle));
  }

  /** {@code max(x, slope x)}. */
  public static Tensor leakyRelu(Tensor x, double slope) {
    return new Tensor(torch.leaky_relu(x.handle, new Scalar(slope)));
  }

  /** {@code x} where positive, else {@code α (eˣ - 1)}. */
  public static Tensor elu(Tensor x, double alpha) {
    return new Tensor(torch.elu(x.handle, new Scalar(alpha), new Scalar(1.0), new Scalar(1.0)));
  }

  /** {@code ln(1 + eˣ)}. */
  public static Tensor softplus(Tensor x) {
    return new Tensor(torch.softplus(x.handle));
  }

  /** {@code x tanh(softplus(x))}. */
  public static Tensor mish(Tensor x) {
    return new Tensor(torch.mish(x.handle));
  }

  /** {@code x clip(x + 3, 0, 6) / 6}. */
  public static Tensor hardswish(Tensor x) {
    return new Tensor(torch.hardswish(x.handle));
  }

  /** Values clipped to a range. */
  public static Tensor clip(Tensor x, double low, double high) {
    return new Tensor(torch.hardtanh(x.handle, new Scalar(low), new Scalar(high)));
  }

  /** The largest value along a dimension. */
  public static Tensor max(Tensor x, int dimension) {
    return new Tensor(torch.amax(x.handle, new long[] {dimension}, false));
  }
}
