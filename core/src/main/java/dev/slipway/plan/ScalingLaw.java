package dev.slipway.plan;

/**
 * Expected loss of a model of N parameters that has learnt from D bytes: {@code L(N, D) = E + A /
 * N^α + B / D^β} (Hoffmann et al. 2022, section 3.3, equation 2), in bits a byte of held-out text.
 * Bytes in place of tokens, so that vocabularies compare.
 *
 * @param irreducible E
 * @param a A
 * @param alpha α
 * @param b B
 * @param beta β
 * @param provenance on what the constants were fitted, and how
 */
public record ScalingLaw(
    double irreducible, double a, double alpha, double b, double beta, String provenance) {

  /** For source code by small models; see {@code reference/fit_scaling_law.py}. */
  public static final ScalingLaw SOURCE_CODE =
      new ScalingLaw(
          0.30,
          36.9,
          0.34,
          263.0,
          0.382,
          "alpha as in Hoffmann et al. 2022; B and beta by reference/fit_scaling_law.py; A from two runs of 800 steps of"
              + " 1.3 and 2.6 M parameters on the JDK's sources, whose losses it meets within 5 %");

  /**
   * Bytes that count as much as so many passes over the data: repeating is worth less each time,
   * {@code U + U R (1 - e^(-r / R))} with r repetitions and R = 15.4 (Muennighoff et al. 2023,
   * section 5, equation 5).
   *
   * @param unique U, bytes of the training split
   * @param seen bytes that are trained on
   */
  public static double effectiveBytes(double unique, double seen) {
    if (seen <= unique) {
      return seen;
    }
    double repetitions = seen / unique - 1;
    return unique + unique * 15.4 * (1 - Math.exp(-repetitions / 15.4));
  }

  /** Bits a byte. */
  public double loss(double parameters, double effectiveBytes) {
    return irreducible
        + a / Math.pow(parameters, alpha)
        + b / Math.pow(Math.max(1, effectiveBytes), beta);
  }
}
