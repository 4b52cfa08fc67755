package dev.slipway.train;

/**
 * How a layer's parameters fare in a step.
 *
 * @param layer their common name, such as {@code layers.0.attn.q}
 * @param gradientNorm Euclidean, before clipping
 * @param weightNorm Euclidean, of matrices and embeddings; 0 where it has vectors alone
 * @param updateRatio norm of what the step changed these by, over {@code weightNorm}; 0 where there
 *     are none
 */
public record LayerParameters(
    String layer, double gradientNorm, double weightNorm, double updateRatio) {}
