package dev.slipway.tune;

import dev.slipway.base.binding.Auto;
import dev.slipway.base.binding.Default;
import dev.slipway.base.binding.Doc;
import dev.slipway.base.binding.InvalidSetting;
import dev.slipway.base.binding.Range;
import dev.slipway.nn.ProjectionSlot;
import dev.slipway.tensor.Layers;
import dev.slipway.tensor.Tensor;
import java.util.List;

/** What of a published model learns: its own parameters, or new ones beside them. */
public sealed interface TuningMethod {
  /**
   * The model's own parameters.
   *
   * @param freeze those that keep their values, by name with * for any characters
   * @param freezeLayers how many blocks from the first on keep their values, and the embeddings
   *     with them
   * @param layerDecay what the learning rate is multiplied by from each block to the one below it:
   *     discriminative learning rates, Howard and Ruder 2018, §3.2
   * @param unfreezeEvery after so many steps each another block begins to learn, from the last
   *     down; 0 lets all learn at once. Gradual unfreezing, ibid. §3.3
   */
  @Doc("The model's own parameters, all of them or those that are not frozen")
  record Full(
      @Doc(
              "Parameters that keep their values, by name with * for any characters, such as model.embed_tokens.*")
          @Default("[]")
          List<String> freeze,
      @Doc("Blocks, from the first on, that keep their values, and the embeddings with them")
          @Default("0")
          @Range(min = 0, max = 10_000)
          int freezeLayers,
      @Doc(
              "What the learning rate is multiplied by from each block to the one below it, such as 0.9 (Howard and Ruder 2018)")
          @Default("1")
          @Range(min = 0.01, max = 1)
          double layerDecay,
      @Doc(
              "Steps after which the next block down begins to learn, the last one and the head first (Howard and Ruder 2018); 0 for all at once")
          @Default("0")
          @Range(min = 0, max = 1_000_000_000)
          int unfreezeEvery)
      implements TuningMethod {
    /** All of them. */
    public static final Full ALL = freezing(List.of());

    /** All but those that have one of these names, * standing for any characters. */
    public static Full freezing(List<String> names) {
      return new Full(names, 0, 1, 0);
    }

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

    public Lora withModulesToSave(List<String> modules) {
      return new Lora(rank, alpha, targets, rankStabilised, decomposed, dropout, modules);
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

  /**
   * Low-rank adaptation around projections whose frozen weights are kept in 4 bits a value.
   * Dettmers et al. 2023, §3.
   *
   * @param rank r
   * @param alpha α, of the scale s = α / r
   * @param targets which projections are adapted; all but the head are quantized
   * @param rankStabilised whether s = α / √r instead
   * @param decomposed whether rows keep a trained magnitude of their own
   * @param dropout share of the values of x that A does not see while it learns
   * @param modulesToSave modules, by name or end of name, that learn as they are, not quantized
   */
  @Doc("LoRA around frozen weights in 4 bits a value, NF4 (Dettmers et al. 2023)")
  record Qlora(
      @Doc("Inner width r of the matrices") @Default("8") @Range(min = 1, max = 10_000) int rank,
      @Doc("What the matrices' product is multiplied by, times 1 / rank")
          @Default("16")
          @Range(min = 1e-6, max = 1e6)
          double alpha,
      @Doc("Which projections get matrices") @Default("all-linear") Targets targets,
      @Doc("Whether alpha is divided by the rank's root in place of the rank") @Default("false")
          boolean rankStabilised,
      @Doc("Whether rows keep a trained magnitude of their own (DoRA)") @Default("false")
          boolean decomposed,
      @Doc("Share of the inputs that the matrices do not see while they learn")
          @Default("0")
          @Range(min = 0, max = 0.99)
          double dropout,
      @Doc("Modules that learn as they are, by name or its end, such as lm_head or embed_tokens")
          @Default("[]")
          List<String> modulesToSave)
      implements TuningMethod {
    public Qlora {
      modulesToSave = List.copyOf(modulesToSave);
    }

    public Qlora withModulesToSave(List<String> modules) {
      return new Qlora(rank, alpha, targets, rankStabilised, decomposed, dropout, modules);
    }

    /** What is put around the quantized projections. */
    public Lora lora() {
      return new Lora(rank, alpha, targets, rankStabilised, decomposed, dropout, modulesToSave);
    }
  }

  /**
   * Low-rank matrices as P Λ Q, whose ranks are shared out among the projections by importance.
   * Zhang et al. 2023, as PEFT does it.
   *
   * @param initialRank that each projection begins with, {@code init_r}
   * @param targetRank that they have in the mean in the end, {@code target_r}
   * @param alpha what the product is multiplied by, times 1 / initialRank
   * @param targets which projections are adapted
   * @param dropout share of the values of x that Q does not see while it learns
   * @param initialSteps t_i, steps before the first rank is taken away
   * @param finalSteps t_f, steps after the last one was
   * @param everySteps Δ_T, steps between two allocations
   * @param beta1 β₁, how much of a sensitivity is kept from step to step
   * @param beta2 β₂, how much of its uncertainty
   * @param orthogonality γ, weight of the term that keeps P and Q orthogonal
   * @param modulesToSave modules, by name or end of name, that learn as they are
   */
  @Doc("Low-rank matrices whose ranks go where they matter (AdaLoRA, Zhang et al. 2023)")
  record Adalora(
      @Doc("Rank of each projection at first") @Default("12") @Range(min = 1, max = 10_000)
          int initialRank,
      @Doc("Rank of a projection in the end, in the mean")
          @Default("8")
          @Range(min = 1, max = 10_000)
          int targetRank,
      @Doc("What the product is multiplied by, times 1 / initial-rank")
          @Default("16")
          @Range(min = 1e-6, max = 1e6)
          double alpha,
      @Doc("Which projections get matrices") @Default("all-linear") Targets targets,
      @Doc("Share of the inputs that the matrices do not see while they learn")
          @Default("0")
          @Range(min = 0, max = 0.99)
          double dropout,
      @Doc("Steps before the first rank is taken away; auto is a tenth of all")
          @Default("auto")
          @Range(min = 0, max = 1_000_000_000)
          Auto<Integer> initialSteps,
      @Doc("Steps after the last rank was taken away; auto is three tenths of all")
          @Default("auto")
          @Range(min = 0, max = 1_000_000_000)
          Auto<Integer> finalSteps,
      @Doc("Steps between two allocations") @Default("1") @Range(min = 1, max = 1_000_000)
          int everySteps,
      @Doc("Share of a sensitivity that is kept from step to step")
          @Default("0.85")
          @Range(min = 0.001, max = 0.999)
          double beta1,
      @Doc("Share of its uncertainty that is kept from step to step")
          @Default("0.85")
          @Range(min = 0.001, max = 0.999)
          double beta2,
      @Doc("Weight of the term that keeps the matrices orthogonal")
          @Default("0.5")
          @Range(min = 0, max = 1e6)
          double orthogonality,
      @Doc("Modules that learn as they are, by name or its end, such as lm_head or embed_tokens")
          @Default("[]")
          List<String> modulesToSave)
      implements TuningMethod {
    public Adalora {
      if (targetRank > initialRank) {
        throw new InvalidSetting(
            "target-rank", Integer.toString(targetRank), "at most initial-rank, " + initialRank);
      }
      modulesToSave = List.copyOf(modulesToSave);
    }

    public Adalora withModulesToSave(List<String> modules) {
      return new Adalora(
          initialRank,
          targetRank,
          alpha,
          targets,
          dropout,
          initialSteps,
          finalSteps,
          everySteps,
          beta1,
          beta2,
          orthogonality,
          modules);
    }

    long initialSteps(long steps) {
      return initialSteps.isAuto() ? steps / 10 : initialSteps.value();
    }

    long finalSteps(long steps) {
      return finalSteps.isAuto() ? 3 * steps / 10 : finalSteps.value();
    }

    /**
     * @param ranks of all modules at first
     */
    RankSchedule schedule(int ranks, int modules, long steps) {
      return new RankSchedule(
          ranks,
          Math.multiplyExact(targetRank, modules),
          steps,
          initialSteps(steps),
          finalSteps(steps),
          everySteps);
    }
  }

  /** What small networks apply between their two projections. */
  enum Activation {
    /** {@code max(x, 0)}. */
    RELU,
    /** {@code x Φ(x)}. */
    GELU,
    /** {@code x σ(x)}. */
    SILU;

    Tensor apply(Tensor x) {
      return switch (this) {
        case RELU -> Layers.relu(x);
        case GELU -> x.gelu(false);
        case SILU -> x.silu();
      };
    }
  }

  /** Small networks after parts of each block: (C) to m and back, added to what they read. */
  sealed interface Bottleneck extends TuningMethod {
    /** m. */
    int size();

    Activation activation();

    /** Whether a projection is the last one of a part that is followed by a small network. */
    boolean isTarget(ProjectionSlot slot);
  }

  /**
   * Small networks after attention and after the feed-forward part. Houlsby et al. 2019, §2.1.
   *
   * @param size m
   */
  @Doc("Small networks after attention and feed-forward parts (Houlsby et al. 2019)")
  record Houlsby(
      @Doc("Width of the small networks inside") @Default("64") @Range(min = 1, max = 100_000)
          int size,
      @Doc("What they apply inside") @Default("gelu") Activation activation)
      implements Bottleneck {
    @Override
    public boolean isTarget(ProjectionSlot slot) {
      return Parts.AFTER_ATTENTION.matcher(slot.name()).matches() || Parts.endsFeedForward(slot);
    }
  }

  /**
   * Small networks after the feed-forward part alone. Pfeiffer et al. 2021, §2.2.
   *
   * @param size m
   */
  @Doc("Small networks after feed-forward parts alone (Pfeiffer et al. 2021)")
  record Pfeiffer(
      @Doc("Width of the small networks inside") @Default("64") @Range(min = 1, max = 100_000)
          int size,
      @Doc("What they apply inside") @Default("relu") Activation activation)
      implements Bottleneck {
    @Override
    public boolean isTarget(ProjectionSlot slot) {
      return Parts.endsFeedForward(slot);
    }
  }

  /**
   * Vectors that keys, values and inner states of feed-forward parts are multiplied by. Liu et al.
   * 2022, §3.3.
   *
   * @param targets projections that are scaled
   * @param feedForward those of them whose input is scaled in place of the output
   * @param modulesToSave modules, by name or end of name, that learn as they are
   */
  @Doc("Vectors that keys, values and inner states are multiplied by ((IA)3, Liu et al. 2022)")
  record Ia3(
      @Doc("Projections that are scaled")
          @Default(
              "{named: {names: [k_proj, v_proj, down_proj, c_attn, mlp.c_proj, key, value, output.dense]}}")
          Targets targets,
      @Doc("Those of them whose input is scaled in place of the output")
          @Default("{named: {names: [down_proj, mlp.c_proj, output.dense]}}")
          Targets feedForward,
      @Doc("Modules that learn as they are, by name or its end, such as lm_head or embed_tokens")
          @Default("[]")
          List<String> modulesToSave)
      implements TuningMethod {
    public Ia3 {
      modulesToSave = List.copyOf(modulesToSave);
    }

    public Ia3 withModulesToSave(List<String> modules) {
      return new Ia3(targets, feedForward, modules);
    }

    boolean isTarget(ProjectionSlot slot) {
      return targets.matches(slot);
    }

    boolean isFeedForward(ProjectionSlot slot) {
      return feedForward.matches(slot);
    }
  }

  /** Learnt positions that come before every text; the model itself stays as it is. */
  sealed interface VirtualTokens extends TuningMethod {
    /** P, how many positions. */
    int virtualTokens();

    FirstValues init();
  }

  /**
   * Learnt embeddings before the text's. Lester et al. 2021, §2.
   *
   * @param virtualTokens P, {@code num_virtual_tokens}
   * @param init {@code prompt_tuning_init}
   */
  @Doc("Learnt embeddings before every text (prompt tuning, Lester et al. 2021)")
  record Prompt(
      @Doc("Positions that are learnt; texts get so many fewer")
          @Default("20")
          @Range(min = 1, max = 100_000)
          int virtualTokens,
      @Doc("What the positions begin as") @Default("vocabulary") FirstValues init)
      implements VirtualTokens {}

  /**
   * Learnt keys and values before the text's, in every block. Li and Liang 2021, §4, without the
   * network of theirs that prefixes are learnt through, as PEFT does it.
   *
   * @param virtualTokens P, {@code num_virtual_tokens}
   * @param init tokens whose keys and values they begin as (ibid. §7.4)
   */
  @Doc("Learnt keys and values before every text (prefix tuning, Li and Liang 2021)")
  record Prefix(
      @Doc("Positions that are learnt; texts get so many fewer")
          @Default("20")
          @Range(min = 1, max = 100_000)
          int virtualTokens,
      @Doc("Whose keys and values the positions begin with") @Default("vocabulary")
          FirstValues init)
      implements VirtualTokens {}

  /** What learnt positions begin as, by PEFT's names of {@code prompt_tuning_init}. */
  sealed interface FirstValues {
    /** Drawn from the normal distribution: {@code RANDOM}. */
    @Doc("Normal random values")
    record Random() implements FirstValues {}

    /** Tokens drawn from all of the vocabulary: {@code SAMPLE_VOCAB}. */
    @Doc("Random tokens of the vocabulary")
    record Vocabulary() implements FirstValues {}

    /**
     * A text's tokens, repeated or cut: {@code TEXT}.
     *
     * @param text such as the task in words
     */
    @Doc("The tokens of a text, repeated or cut")
    record Text(@Doc("Such as the task in words") String text) implements FirstValues {
      public Text {
        if (text.isEmpty()) {
          throw new InvalidSetting("text", text, "some words");
        }
      }
    }
  }

  /** The model's own biases, and nothing else. Ben Zaken et al. 2022. */
  @Doc("The model's biases alone (Ben Zaken et al. 2022)")
  record Bitfit() implements TuningMethod {}
}
