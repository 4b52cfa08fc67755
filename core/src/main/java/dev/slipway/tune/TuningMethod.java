package dev.slipway.tune;

/** What is trained beside a model's frozen parameters. */
public sealed interface TuningMethod {
  /**
   * Low-rank adaptation, {@code y = W x + s B A x}. Hu et al. 2021, §4.1.
   *
   * @param rank r, of A (r, in) and B (out, r)
   * @param alpha α, of the scale s = α / r
   * @param targets which projections are adapted
   * @param rankStabilised whether s = α / √r instead (rsLoRA, Kalajdzievski 2023)
   * @param decomposed whether the rows of {@code W + s B A} keep a trained magnitude of their own
   *     (DoRA, Liu et al. 2024, §4.1)
   */
  record Lora(int rank, double alpha, Targets targets, boolean rankStabilised, boolean decomposed)
      implements TuningMethod {
    public Lora {
      if (rank < 1) {
        throw new IllegalArgumentException("the rank is " + rank + ", expected at least 1");
      }
    }

    /** s, what the product of the matrices is multiplied by. */
    public double scale() {
      return alpha / (rankStabilised ? Math.sqrt(rank) : rank);
    }
  }
}
