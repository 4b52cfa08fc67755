package dev.slipway.tensor;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Losses as {@code torch.nn.functional} has them, each with {@code reduction="none"}: a value for
 * every element or row, which the caller weighs and sums.
 */
public final class Losses {
  /** {@code at::Reduction::None}. */
  private static final long NONE = 0;

  private Losses() {}

  /** {@code (output - target)²}, in their shape. */
  public static Tensor mse(Tensor output, Tensor target) {
    return new Tensor(torch.mse_loss(output.handle, target.handle, NONE));
  }

  /** {@code |output - target|}, in their shape. */
  public static Tensor l1(Tensor output, Tensor target) {
    return new Tensor(torch.l1_loss(output.handle, target.handle, NONE));
  }

  /** {@code d² / 2} up to a difference d of delta, {@code delta (|d| - delta / 2)} beyond. */
  public static Tensor huber(Tensor output, Tensor target, double delta) {
    return new Tensor(torch.huber_loss(output.handle, target.handle, NONE, delta));
  }

  /**
   * Cross-entropy of logits (N, C).
   *
   * @param target classes (N) int64, or probabilities (N, C)
   * @param weight of each class (C), or null
   * @param ignoreIndex class whose rows count 0
   * @param labelSmoothing share that is spread over all classes
   * @return (N)
   */
  public static Tensor crossEntropy(
      Tensor logits,
      Tensor target,
      @Nullable Tensor weight,
      long ignoreIndex,
      double labelSmoothing) {
    return new Tensor(
        torch.cross_entropy_loss(
            logits.handle, target.handle, optional(weight), NONE, ignoreIndex, labelSmoothing));
  }

  /** {@code -t log σ(x) - (1 - t) log σ(-x)}, in their shape. */
  public static Tensor binaryCrossEntropy(Tensor logits, Tensor target) {
    return new Tensor(
        torch.binary_cross_entropy_with_logits(
            logits.handle, target.handle, new TensorOptional(), new TensorOptional(), NONE));
  }

  /** {@code log σ(x)} without overflow. */
  public static Tensor logSigmoid(Tensor x) {
    return new Tensor(torch.log_sigmoid(x.handle));
  }

  /**
   * Connectionist temporal classification. Graves et al. 2006.
   *
   * @param logProbabilities (T, N, C)
   * @param targets (N, S) int64
   * @param outputLengths (N) int64
   * @param targetLengths (N) int64
   * @param zeroInfinity whether a target that is too long for its output counts 0
   * @return (N)
   */
  public static Tensor ctc(
      Tensor logProbabilities,
      Tensor targets,
      Tensor outputLengths,
      Tensor targetLengths,
      long blank,
      boolean zeroInfinity) {
    return new Tensor(
        torch.ctc_loss(
            logProbabilities.handle,
            targets.handle,
            outputLengths.handle,
            targetLengths.handle,
            blank,
            NONE,
            zeroInfinity));
  }

  /** {@code max(0, ‖a - p‖₂ - ‖a - n‖₂ + margin)} of rows (N, D), with 1e-6 in the norms: (N). */
  public static Tensor tripletMargin(
      Tensor anchor, Tensor positive, Tensor negative, double margin) {
    return new Tensor(
        torch.triplet_margin_loss(
            anchor.handle, positive.handle, negative.handle, margin, 2, 1e-6, false, NONE));
  }

  /** Rows (N, D) of Euclidean length 1; shorter ones than 1e-12 stay shorter. */
  public static Tensor normalise(Tensor rows) {
    return new Tensor(
        rows.handle.div(
            torch.clamp_min(
                torch.norm(rows.handle, new ScalarOptional(new Scalar(2.0)), new long[] {-1}, true),
                new Scalar(1e-12))));
  }

  /**
   * {@code mask ? values : 0} without a gradient (nor a NaN) where the mask, (…) bool, is false.
   */
  public static Tensor where(Tensor mask, Tensor values) {
    return new Tensor(torch.where(mask.handle, values.handle, new Scalar(0.0)));
  }

  private static TensorOptional optional(@Nullable Tensor tensor) {
    return tensor == null ? new TensorOptional() : new TensorOptional(tensor.handle);
  }
}
