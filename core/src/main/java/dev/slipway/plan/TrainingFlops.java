package dev.slipway.plan;

import dev.slipway.model.gpt.GptConfig;
import dev.slipway.nn.ParameterSpec;

/**
 * Floating point operations of training, a multiplication and an addition counted as two.
 *
 * <p>A token costs {@code 6 M + 12 L (H D) T}: two for each weight of a matrix product forward and
 * four backward (Kaplan et al. 2020, table 1 and section 2.1), and attention's two products of
 * queries and keys with all T positions (Chowdhery et al. 2022, appendix B). M counts the matrices
 * and the output layer, which is the embedding where it is tied; looking up an embedding costs
 * nothing.
 */
public final class TrainingFlops {
  private TrainingFlops() {}

  /** Of forward and backward. */
  public static double perToken(GptConfig config) {
    return 6.0 * multiplied(config) + attentionPerToken(config);
  }

  /** M: parameters that every token is multiplied with. */
  public static long multiplied(GptConfig config) {
    long matrices =
        config.parameters().stream()
            .filter(p -> p.role() == ParameterSpec.Role.MATRIX)
            .mapToLong(ParameterSpec::numel)
            .sum();
    return matrices + (long) config.vocabularySize() * config.hiddenSize();
  }

  static double attentionPerToken(GptConfig config) {
    return 12.0 * config.layers() * config.heads() * config.headDim() * config.context();
  }

  /**
   * Of one update by Muon: five Newton–Schulz iterations of {@code 4 m² n + 2 m³} for each matrix
   * with {@code m ≤ n} (Jordan et al. 2024).
   */
  public static double muonUpdate(GptConfig config) {
    return config.parameters().stream()
        .filter(p -> p.role() == ParameterSpec.Role.MATRIX)
        .mapToDouble(
            p -> {
              double m = Math.min(p.shape().get(0), p.shape().get(1));
              double n = Math.max(p.shape().get(0), p.shape().get(1));
              return 5 * (4 * m * m * n + 2 * m * m * m);
            })
        .sum();
  }
}
