package dev.slipway.plan;

import dev.slipway.model.gpt.GptConfig;
import java.util.List;

/**
 * What a run will take and reach, before it begins.
 *
 * @param shape of a training step
 * @param learningRate AdamW's peak, where nobody gave one
 * @param parameters N
 * @param flopsPerToken forward and backward
 * @param steps of the optimizer
 * @param tokens trained on
 * @param bytes of text trained on
 * @param epochs passes over the training split
 * @param tokensPerSecond while training
 * @param shareOfPeak of the machine's matrix products that this is
 * @param speedMeasured whether steps of such networks were measured here
 * @param seconds by stage
 * @param memory by part
 * @param memoryLimit bytes
 * @param watts assumed or given
 * @param energyWattHours watts times time
 * @param price price an hour times time
 * @param bitsPerByte expected on held-out text
 * @param notes assumptions and what was left out, in sentences
 */
public record Forecast(
    RunShape shape,
    double learningRate,
    long parameters,
    double flopsPerToken,
    long steps,
    long tokens,
    double bytes,
    double epochs,
    double tokensPerSecond,
    double shareOfPeak,
    boolean speedMeasured,
    Stages seconds,
    MemoryForecast memory,
    long memoryLimit,
    double watts,
    double energyWattHours,
    double price,
    double bitsPerByte,
    List<String> notes) {

  /** Seconds by stage. */
  public record Stages(
      double prepare, double tokenizer, double train, double evaluate, double finish) {
    public double total() {
      return prepare + tokenizer + train + evaluate + finish;
    }
  }

  public Forecast {
    notes = List.copyOf(notes);
  }

  public GptConfig config() {
    return shape.config();
  }

  /** Operations of the whole training. */
  public double flops() {
    return flopsPerToken * tokens;
  }
}
