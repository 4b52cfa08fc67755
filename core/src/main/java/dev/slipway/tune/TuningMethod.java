package dev.slipway.tune;

import dev.slipway.base.binding.Default;
import dev.slipway.base.binding.Doc;
import dev.slipway.base.binding.InvalidSetting;
import dev.slipway.base.binding.Range;
import java.util.List;

/** What of a published model learns: its own parameters, or new ones beside them. */
public sealed interface TuningMethod {
  /**
   * The model's own parameters.
   *
   * @param freeze those that keep their values, by name with * for any characters
   */
  @Doc("The model's own parameters, all of them or those that are not frozen")
  record Full(
      @Doc(
              "Parameters that keep their values, by name with * for any characters, such as model.embed_tokens.*")
          @Default("[]")
          List<String> freeze)
      implements TuningMethod {
    /** All of them. */
    public static final Full ALL = new Full(List.of());

    public Full {
      freeze = List.copyOf(freeze);
    }
  }

  /**
   * Low-rank adaptation, {@code y = W x + s B A dropout(x)}. Hu et al. 2021, §4.1.
   *
   * @param rank r, of A (r, in) and B (out, r)
   * @param alpha α, of the scale s = α / r
   * @param targets which projections are adapted
   * @param rankStabilised whether s = α / √r instead (rsLoRA, Kalajdzievski 2023)
   * @param decomposed whether the rows of {@code W + s B A} keep a trained magnitude of their own
   *     (DoRA, Liu et al. 2024, §4.1)
   * @param dropout share of the values of x that A does not see while it learns
   * @param modulesToSave modules, by name or end of name, that learn as they are: a copy of each
   *     goes with the adapter
   */
  @Doc("Low-rank matrices beside the frozen projections (Hu et al. 2021)")
  record Lora(
      @Doc("Inner width r of the matrices") @Default("8") @Range(min = 1, max = 10_000) int rank,
      @Doc("What the matrices' product is multiplied by, times 1 / rank")
          @Default("16")
          @Range(min = 1e-6, max = 1e6)
          double alpha,
      @Doc("Which projections get matrices") @Default("all-linear") Targets targets,
      @Doc("Whether alpha is divided by the rank's root in place of the rank (Kalajdzievski 2023)")
          @Default("false")
          boolean rankStabilised,
      @Doc("Whether rows keep a trained magnitude of their own (DoRA, Liu et al. 2024)")
          @Default("false")
          boolean decomposed,
      @Doc("Share of the inputs that the matrices do not see while they learn")
          @Default("0")
          @Range(min = 0, max = 0.99)
          double dropout,
      @Doc("Modules that learn as they are, by name or its end, such as lm_head or embed_tokens")
          @Default("[]")
          List<String> modulesToSave)
      implements TuningMethod {
    public Lora {
      if (rank < 1) {
        throw new InvalidSetting("rank", Integer.toString(rank), "at least 1");
      }
      if (!(dropout >= 0 && dropout < 1)) {
        throw new InvalidSetting("dropout", Double.toString(dropout), "from 0 to below 1");
      }
      modulesToSave = List.copyOf(modulesToSave);
    }

    /** Without dropout, and with no module beside the matrices. */
    public static Lora of(
        int rank, double alpha, Targets targets, boolean rankStabilised, boolean decomposed) {
      return new Lora(rank, alpha, targets, rankStabilised, decomposed, 0, List.of());
    }

    /** s, what the product of the matrices is multiplied by. */
    public double scale() {
      return alpha / (rankStabilised ? Math.sqrt(rank) : rank);
    }
  }
}
