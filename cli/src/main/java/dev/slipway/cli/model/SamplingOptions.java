package dev.slipway.cli.model;

import dev.slipway.infer.Sampling;
import java.util.Map;
import picocli.CommandLine.Option;

/**
 * How tokens are drawn, but for temperature and {@code --top-p}, whose defaults are each command's
 * own.
 */
public final class SamplingOptions {
  @Option(
      names = "--top-k",
      defaultValue = "0",
      paramLabel = "N",
      description = "Keep the N likeliest tokens; 0 keeps all.")
  private int topK;

  @Option(
      names = "--min-p",
      defaultValue = "0",
      paramLabel = "X",
      description = "Keep tokens with at least this share of the likeliest one's probability.")
  private double minP;

  @Option(
      names = "--repetition-penalty",
      defaultValue = "1",
      paramLabel = "X",
      description = "Makes tokens that came before less likely; 1 changes nothing.")
  private double repetitionPenalty;

  @Option(
      names = "--seed",
      defaultValue = "1337",
      paramLabel = "N",
      description =
          "Of the sampling: the same text gives the same answer (default: ${DEFAULT-VALUE}).")
  private long seed;

  /** All of it, with what is each command's own. */
  public Sampling with(double temperature, double topP) {
    return new Sampling(temperature, topK, topP, minP, repetitionPenalty, 0, 0, Map.of(), seed);
  }
}
