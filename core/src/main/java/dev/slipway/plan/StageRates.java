package dev.slipway.plan;

/**
 * How fast everything beside training is.
 *
 * @param prepare bytes a second that are read, cleaned, split, encoded and written
 * @param tokenizer bytes a second that a tokenizer is trained on
 * @param evaluate tokens a second of evaluation, as a multiple of training's
 * @param ngram bytes a second of training text that the n-gram yardstick learns from
 * @param xz bytes a second that the xz yardstick compresses, at the same time
 * @param finish seconds for samples, model folder and report
 * @param provenance where the numbers are from
 */
public record StageRates(
    double prepare,
    double tokenizer,
    double evaluate,
    double ngram,
    double xz,
    double finish,
    String provenance) {
  /** The launch recipe on two Zen 5 cores, as {@code slipway runs show} tells it. */
  public static final StageRates MEASURED =
      new StageRates(18e6, 60e6, 2.5, 3.6e6, 1.0e6, 2, "the launch recipe on two Zen 5 cores");

  /**
   * xz is given this much training text for each second of the budget, so that it stays a small
   * part of it.
   */
  private static final double XZ_BYTES_PER_SECOND = 25_000;

  /** What a recipe that leaves it {@code auto} does: twenty times, some 64 windows. */
  private static final int VALIDATIONS = 20;

  private static final int VALIDATION_WINDOWS = 64;

  private static final long XZ_LEAST = 1 << 20;
  private static final long XZ_MOST = 32 << 20;

  /** Training text that the xz yardstick is given under a budget. */
  public static long xzTrainingBytes(double budgetSeconds) {
    return Math.clamp((long) (budgetSeconds * XZ_BYTES_PER_SECOND), XZ_LEAST, XZ_MOST);
  }

  /** Times of all stages; of training only the validation in it. */
  Forecast.Stages stages(PlanRequest request, RunShape shape, double secondsPerStep) {
    PlanRequest.Data data = request.data();
    double bytesPerToken =
        data.bytesPerToken().orElseGet(() -> Sizes.bytesPerToken(shape.config().vocabularySize()));
    double evaluated = evaluate * shape.tokensPerStep() / secondsPerStep;
    double validation =
        VALIDATIONS
            * Math.min(
                data.validationBytes() / bytesPerToken,
                (double) VALIDATION_WINDOWS * shape.config().context());
    double yardsticks =
        data.yardstickBytes() == 0
            ? 0
            : Math.max(
                data.yardstickBytes() / ngram,
                Math.min(data.yardstickBytes(), xzTrainingBytes(request.seconds())) / xz);
    return new Forecast.Stages(
        data.rawBytes() / prepare,
        data.rawBytes() / tokenizer,
        validation / evaluated,
        data.testBytes() / bytesPerToken / evaluated + yardsticks,
        finish);
  }
}
