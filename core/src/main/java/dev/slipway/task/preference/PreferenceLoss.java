package dev.slipway.task.preference;

import dev.slipway.base.binding.Default;
import dev.slipway.base.binding.Doc;
import dev.slipway.base.binding.Range;

/**
 * How preferences are learnt. Below, c and r are log-probabilities of the chosen and the rejected
 * answer given the prompt, c' and r' those by the reference, n their tokens, σ the logistic
 * function.
 */
public sealed interface PreferenceLoss {
  /** β. */
  double beta();

  /** Whether the reference's log-probabilities are part of it. */
  boolean needsReference();

  /** A loss of two answers to one prompt. */
  sealed interface Paired extends PreferenceLoss {
    /** The loss of a pair and its derivatives. */
    PairOutcome of(Pair pair);

    @Override
    default boolean needsReference() {
      return true;
    }

    /** Reward of an answer, β times the log-ratio to the reference, as reports show it. */
    default double reward(double logProbability, double reference, int tokens) {
      return beta() * (logProbability - reference);
    }

    /** Log-probability of an answer, as reports show it. */
    default double shown(double logProbability, int tokens) {
      return logProbability;
    }
  }

  /** Log-probabilities of a pair's answers and their numbers of tokens. */
  record Pair(
      double chosen,
      double rejected,
      double referenceChosen,
      double referenceRejected,
      int chosenTokens,
      int rejectedTokens) {}

  /** A loss, and its derivatives to the log-probabilities of both answers. */
  record PairOutcome(double loss, double chosen, double rejected) {}

  /**
   * {@code −log σ(β((c − c') − (r − r')))} (Rafailov et al. 2023, eq. 7).
   *
   * @param beta how much leaving the reference costs
   */
  @Doc("Direct preference optimisation (Rafailov et al. 2023)")
  record Dpo(
      @Doc("How much leaving the reference costs") @Default("0.1") @Range(min = 1e-6, max = 1000)
          double beta)
      implements Paired {
    @Override
    public PairOutcome of(Pair pair) {
      double ratio =
          (pair.chosen - pair.referenceChosen) - (pair.rejected - pair.referenceRejected);
      double slope = -beta * sigmoid(-beta * ratio);
      return new PairOutcome(softplus(-beta * ratio), slope, -slope);
    }
  }

  /**
   * {@code ((c − c')/n_c − (r − r')/n_r − 1/(2β))²} (Azar et al. 2023, eq. 17), by the mean over
   * tokens as its authors have it.
   *
   * @param beta the paper's τ
   */
  @Doc("Identity preference optimisation (Azar et al. 2023)")
  record Ipo(
      @Doc("The paper's tau: how much leaving the reference costs")
          @Default("0.1")
          @Range(min = 1e-6, max = 1000)
          double beta)
      implements Paired {
    @Override
    public PairOutcome of(Pair pair) {
      double difference =
          (pair.chosen - pair.referenceChosen) / pair.chosenTokens
              - (pair.rejected - pair.referenceRejected) / pair.rejectedTokens
              - 1 / (2 * beta);
      return new PairOutcome(
          difference * difference,
          2 * difference / pair.chosenTokens,
          -2 * difference / pair.rejectedTokens);
    }
  }

  /**
   * {@code −c/n_c − β log σ(log odds(c/n_c) − log odds(r/n_r))} with {@code log odds(x) = x − log(1
   * − eˣ)} (Hong et al. 2024, eqs. 3, 6 and 7). Knows no reference.
   *
   * @param beta the paper's λ
   */
  @Doc("Odds ratio preference optimisation, without a reference (Hong et al. 2024)")
  record Orpo(
      @Doc("The paper's lambda: weight of the odds ratio beside the chosen answer's loss")
          @Default("0.1")
          @Range(min = 0, max = 1000)
          double beta)
      implements Paired {
    /** A mean log-probability nearer to 0 has no odds in double precision. */
    private static final double CERTAIN = -1e-12;

    @Override
    public boolean needsReference() {
      return false;
    }

    @Override
    public double reward(double logProbability, double reference, int tokens) {
      return beta * logProbability / tokens;
    }

    /** Of a token, in the mean: TRL's too. */
    @Override
    public double shown(double logProbability, int tokens) {
      return logProbability / tokens;
    }

    @Override
    public PairOutcome of(Pair pair) {
      double chosen = Math.min(CERTAIN, pair.chosen / pair.chosenTokens);
      double rejected = Math.min(CERTAIN, pair.rejected / pair.rejectedTokens);
      double odds = chosen - log1mExp(chosen) - (rejected - log1mExp(rejected));
      double slope = beta * sigmoid(-odds);
      return new PairOutcome(
          -chosen + beta * softplus(-odds),
          (-1 + slope / Math.expm1(chosen)) / pair.chosenTokens,
          -slope / Math.expm1(rejected) / pair.rejectedTokens);
    }

    /** log(1 − eˣ) for x below 0. */
    private static double log1mExp(double x) {
      return Math.log(-Math.expm1(x));
    }
  }

  /**
   * Of a liked answer {@code λ_D (1 − σ(β(x − z)))}, of another {@code λ_U (1 − σ(β(z − x)))}, with
   * {@code x} its log-ratio to the reference and {@code z = max(0, mean of log-ratios of answers to
   * other prompts)}, a constant (Ethayarajh et al. 2024, eqs. 7 and 8).
   *
   * @param beta how much leaving the reference costs
   * @param desirableWeight λ_D
   * @param undesirableWeight λ_U
   */
  @Doc("Kahneman-Tversky optimisation, of answers that are liked or not (Ethayarajh et al. 2024)")
  record Kto(
      @Doc("How much leaving the reference costs") @Default("0.1") @Range(min = 1e-6, max = 1000)
          double beta,
      @Doc("Weight of answers that are liked") @Default("1") @Range(min = 0, max = 1000)
          double desirableWeight,
      @Doc("Weight of the others") @Default("1") @Range(min = 0, max = 1000)
          double undesirableWeight)
      implements PreferenceLoss {
    @Override
    public boolean needsReference() {
      return true;
    }

    /** The loss of an answer and its derivative to the answer's log-probability. */
    public RatedOutcome of(boolean liked, double logRatio, double z) {
      double x = liked ? beta * (logRatio - z) : beta * (z - logRatio);
      double weight = liked ? desirableWeight : undesirableWeight;
      double slope = weight * beta * sigmoid(x) * sigmoid(-x);
      return new RatedOutcome(weight * sigmoid(-x), liked ? -slope : slope);
    }
  }

  /** A loss, and its derivative to the log-probability of the answer. */
  record RatedOutcome(double loss, double derivative) {}

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  /** log(1 + eˣ). */
  private static double softplus(double x) {
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  }
}
