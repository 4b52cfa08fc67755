package dev.slipway.plan;

/**
 * How fast everything beside training is.
 *
 * @param prepare bytes a second that are read, cleaned, split, encoded and written
 * @param tokenizer bytes a second that a tokenizer is trained on
 * @param evaluate tokens a second of evaluation, as a multiple of training's
 * @param finish seconds for the yardsticks, samples, model folder and report
 * @param provenance where the numbers are from
 */
public record StageRates(
    double prepare, double tokenizer, double evaluate, double finish, String provenance) {
  /** Two Zen cores, the JDK's sources. */
  public static final StageRates MEASURED =
      new StageRates(8e6, 25e6, 2.5, 12, "two Zen cores on the JDK's sources");

  /** Times of all stages, none for training itself. */
  Forecast.Stages stages(PlanRequest.Data data, RunShape shape, double secondsPerStep) {
    double bytesPerToken =
        data.bytesPerToken().orElseGet(() -> Sizes.bytesPerToken(shape.config().vocabularySize()));
    double testTokens = data.testBytes() / bytesPerToken;
    double training = shape.tokensPerStep() / secondsPerStep;
    // Validation while training, twenty times a part of its split, counts here too.
    double validationTokens = data.validationBytes() / bytesPerToken;
    return new Forecast.Stages(
        data.rawBytes() / prepare,
        data.rawBytes() / tokenizer,
        0,
        (testTokens + validationTokens) / (training * evaluate),
        finish);
  }
}
