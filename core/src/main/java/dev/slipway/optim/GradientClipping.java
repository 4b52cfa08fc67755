package dev.slipway.optim;

import dev.slipway.nn.ParameterSet;
import dev.slipway.tensor.kernel.Buffer;
import dev.slipway.tensor.kernel.Flat;

/** Clipping by the Euclidean norm of all gradients together. Pascanu et al. 2013, algorithm 1. */
public final class GradientClipping {
  // PyTorch's guard against a norm of 0.
  private static final double EPSILON = 1e-6;

  private GradientClipping() {}

  /** {@code ‖g‖₂} over the whole flat buffer. */
  public static double globalNorm(ParameterSet parameters) {
    return Math.sqrt(
        Flat.squaredNorm(Buffer.of(parameters.flatGradients()), 0, parameters.numel()));
  }

  /**
   * What the gradients are multiplied with: {@code min(1, maxNorm / (norm + 1e-6))}, as {@code
   * torch.nn.utils.clip_grad_norm_} does; 1 when {@code maxNorm} is 0, which means no clipping.
   */
  public static double scale(double norm, double maxNorm) {
    return maxNorm == 0 ? 1 : Math.min(1, maxNorm / (norm + EPSILON));
  }
}
