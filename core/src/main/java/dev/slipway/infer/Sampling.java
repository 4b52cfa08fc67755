package dev.slipway.infer;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;

/**
 * How the next token is chosen. The parts work in the order in which transformers applies them:
 * repetition penalty, temperature, top-k, top-p, min-p.
 *
 * @param temperature divides the logits; 0 takes the likeliest token, of equals the lowest id
 * @param topK keeps this many of the likeliest tokens; 0 keeps all
 * @param topP keeps the likeliest tokens that reach this share together (Holtzman et al. 2020); 1
 *     keeps all
 * @param minP keeps tokens with at least this share of the likeliest one's probability (Nguyen et
 *     al. 2024); 0 keeps all
 * @param repetitionPenalty divides a positive logit, or multiplies a negative one, of each token
 *     that came before (Keskar et al. 2019); 1 changes nothing
 * @param seed of the random numbers: the same seed, request and model give the same text
 */
public record Sampling(
    double temperature, int topK, double topP, double minP, double repetitionPenalty, long seed) {
  /** Always the likeliest token. */
  public static final Sampling GREEDY = new Sampling(0, 0, 1, 0, 1, 0);

  public Sampling {
    check(temperature >= 0 && temperature <= 100, "temperature", temperature, "0 to 100");
    check(topK >= 0, "top-k", topK, "0 (all) or more");
    check(topP > 0 && topP <= 1, "top-p", topP, "more than 0, to 1");
    check(minP >= 0 && minP <= 1, "min-p", minP, "0 to 1");
    check(
        repetitionPenalty > 0 && repetitionPenalty <= 100,
        "repetition penalty",
        repetitionPenalty,
        "more than 0, to 100");
  }

  private static void check(boolean holds, String name, Number came, String expected) {
    if (!holds) {
      throw new SlipwayException(
          Exit.USAGE,
          "generate.bad-sampling",
          name + " is " + came + ", expected " + expected,
          "choose a value in that range");
    }
  }

  public Sampling withTemperature(double value) {
    return new Sampling(value, topK, topP, minP, repetitionPenalty, seed);
  }

  public Sampling withTopK(int value) {
    return new Sampling(temperature, value, topP, minP, repetitionPenalty, seed);
  }

  public Sampling withTopP(double value) {
    return new Sampling(temperature, topK, value, minP, repetitionPenalty, seed);
  }

  public Sampling withMinP(double value) {
    return new Sampling(temperature, topK, topP, value, repetitionPenalty, seed);
  }

  public Sampling withRepetitionPenalty(double value) {
    return new Sampling(temperature, topK, topP, minP, value, seed);
  }

  public Sampling withSeed(long value) {
    return new Sampling(temperature, topK, topP, minP, repetitionPenalty, value);
  }
}
