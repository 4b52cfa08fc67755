package dev.slipway.plan;

import dev.slipway.model.gpt.GptConfig;
import dev.slipway.tensor.DType;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * What a planner is asked. An empty option is chosen.
 *
 * @param name of the run, for sentences
 * @param seconds of the budget that are still there
 * @param memory bytes that the run may take
 * @param memorySource which limit that is, for sentences
 * @param pricePerHour of this machine
 * @param watts of this machine at work
 * @param data what is to be learnt from
 * @param template the network with its layout, context and the like; its dimensions count where
 *     {@code sizeGiven}, its vocabulary where {@code vocabularyGiven}
 */
public record PlanRequest(
    String name,
    double seconds,
    long memory,
    String memorySource,
    double pricePerHour,
    double watts,
    Data data,
    GptConfig template,
    boolean sizeGiven,
    boolean vocabularyGiven,
    DType precision,
    RunShape.Way way,
    RunShape.Update update,
    OptionalInt batch,
    OptionalInt accumulate,
    OptionalInt steps,
    Optional<Boolean> checkpointing) {

  /**
   * Text after cleaning.
   *
   * @param bytesPerToken of the tokenizer where it is known; else it follows from the vocabulary
   * @param rawBytes that are still to be read and prepared; 0 where that is done
   * @param yardstickBytes of training text that the yardsticks read; 0 where there are none
   */
  public record Data(
      long trainBytes,
      long validationBytes,
      long testBytes,
      OptionalDouble bytesPerToken,
      long rawBytes,
      long yardstickBytes) {
    long bytes() {
      return trainBytes + validationBytes + testBytes;
    }
  }
}
