package dev.slipway.tensor;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Operations over several tensors, as {@code torch.nn.functional} and {@code torch} have them. */
public final class Functional {
  /** {@code at::Reduction::Sum}; 0 is none, 1 the mean. */
  private static final long REDUCE_BY_SUM = 2;

  private Functional() {}

  /** {@code x W^T + b}: x (…, in), weight (out, in), bias (out) or null. */
  public static Tensor linear(Tensor x, Tensor weight, @Nullable Tensor bias) {
    return new Tensor(
        bias == null
            ? torch.linear(x.handle, weight.handle)
            : torch.linear(x.handle, weight.handle, new TensorOptional(bias.handle)));
  }

  /** Rows of a weight (vocabulary, width) by index: indices (…) give (…, width). */
  public static Tensor embedding(Tensor indices, Tensor weight) {
    return new Tensor(torch.embedding(weight.handle, indices.handle));
  }

  /** As above; the row {@code padding} gets no gradient. */
  public static Tensor embedding(Tensor indices, Tensor weight, long padding) {
    return new Tensor(torch.embedding(weight.handle, indices.handle, padding, false, false));
  }

  /** {@code (x - mean) / √(var + ε) * w + b} over the last dimension; bias may be null. */
  public static Tensor layerNorm(Tensor x, Tensor weight, @Nullable Tensor bias, double epsilon) {
    return new Tensor(
        torch.layer_norm(
            x.handle,
            weight.shape(),
            new TensorOptional(weight.handle),
            bias == null ? new TensorOptional() : new TensorOptional(bias.handle),
            epsilon,
            false));
  }

  /** {@code x / √(mean(x²) + ε) * w} over the last dimension. */
  public static Tensor rmsNorm(Tensor x, Tensor weight, double epsilon) {
    return new Tensor(
        torch.rms_norm(
            x.handle,
            weight.shape(),
            new TensorOptional(weight.handle),
            new DoubleOptional(epsilon)));
  }

  /**
   * Cross-entropy of logits (N, V) and classes (N), summed over the rows whose class is not {@code
   * ignoreIndex}.
   */
  public static Tensor crossEntropySum(Tensor logits, Tensor classes, long ignoreIndex) {
    return new Tensor(
        torch.cross_entropy_loss(
            logits.handle, classes.handle, new TensorOptional(), REDUCE_BY_SUM, ignoreIndex, 0.0));
  }

  /**
   * {@code softmax(q k^T / √D + mask) v} in one call (Dao et al. 2022).
   *
   * @param q (B, H, T, D)
   * @param k (B, H, S, D)
   * @param v (B, H, S, D)
   * @param mask added to the scores, broadcast to (B, H, T, S); or null
   * @param causal whether a row sees only columns up to its own; only without a mask
   * @return (B, H, T, D)
   */
  public static Tensor scaledDotProductAttention(
      Tensor q, Tensor k, Tensor v, @Nullable Tensor mask, boolean causal) {
    return attention(q, k, v, mask, 0, causal);
  }

  /** As above, not causal, with a share of the weights dropped by libtorch's own generator. */
  public static Tensor scaledDotProductAttention(
      Tensor q, Tensor k, Tensor v, @Nullable Tensor mask, double dropout) {
    return attention(q, k, v, mask, dropout, false);
  }

  private static Tensor attention(
      Tensor q, Tensor k, Tensor v, @Nullable Tensor mask, double dropout, boolean causal) {
    return new Tensor(
        torch.scaled_dot_product_attention(
            q.handle,
            k.handle,
            v.handle,
            mask == null ? new TensorOptional() : new TensorOptional(mask.handle),
            dropout,
            causal,
            new DoubleOptional(),
            false));
  }

  /** Views of consecutive parts along a dimension; {@code sizes} add up to its length. */
  public static List<Tensor> split(Tensor tensor, int dimension, long... sizes) {
    TensorVector parts = tensor.handle.split_with_sizes(sizes, dimension);
    List<Tensor> views = new ArrayList<>(sizes.length);
    for (int i = 0; i < sizes.length; i++) {
      views.add(new Tensor(new org.bytedeco.pytorch.Tensor(parts.get(i))));
    }
    return views;
  }

  /** The entries moved on by {@code shift} along a dimension, the last ones coming first. */
  public static Tensor roll(Tensor tensor, long shift, int dimension) {
    return new Tensor(torch.roll(tensor.handle, new long[] {shift}, dimension));
  }

  /** {@code sum + a * b}. */
  public static Tensor addcmul(Tensor sum, Tensor a, Tensor b) {
    return new Tensor(torch.addcmul(sum.handle, a.handle, b.handle, new Scalar(1.0)));
  }

  /** Forgets a leaf's gradient, so that the next backward stores in place of adding. */
  public static void clearGrad(Tensor leaf) {
    leaf.handle.mutable_grad().reset();
  }

  /** Rows of the last dimension by their Euclidean length, or by 1e-12 where that is more. */
  public static Tensor normalize(Tensor x) {
    org.bytedeco.pytorch.Tensor length =
        torch
            .linalg_vector_norm(
                x.handle, new Scalar(2.0), new long[] {-1}, true, new ScalarTypeOptional())
            .clamp_min(new Scalar(1e-12));
    return new Tensor(x.handle.div(length));
  }
}
