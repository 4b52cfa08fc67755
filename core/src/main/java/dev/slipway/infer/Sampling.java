package dev.slipway.infer;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import java.util.Map;

/**
 * How the next token is chosen. The parts work in the order in which vLLM and transformers apply
 * them: biases, repetition, frequency and presence penalty, temperature, top-k, top-p, min-p.
 *
 * @param temperature divides the logits; 0 takes the likeliest token, of equals the lowest id
 * @param topK keeps this many of the likeliest tokens; 0 keeps all
 * @param topP keeps the likeliest tokens that reach this share together (Holtzman et al. 2020); 1
 *     keeps all
 * @param minP keeps tokens with at least this share of the likeliest one's probability (Nguyen et
 *     al. 2024); 0 keeps all
 * @param repetitionPenalty divides a positive logit, or multiplies a negative one, of each token
 *     that came before (Keskar et al. 2019); 1 changes nothing
 * @param frequencyPenalty is taken off a token's logit for each time that it was chosen, not for
 *     those in the prompt; 0 changes nothing. OpenAI's, as is the next
 * @param presencePenalty is taken off once if it was chosen at all
 * @param bias is added to a token's logit, by token id
 * @param seed of the random numbers: the same seed, request and model give the same text
 */
public record Sampling(
    double temperature,
    int topK,
    double topP,
    double minP,
    double repetitionPenalty,
    double frequencyPenalty,
    double presencePenalty,
    Map<Integer, Double> bias,
    long seed) {
  /** Always the likeliest token. */
  public static final Sampling GREEDY = new Sampling(0, 0, 1, 0, 1, 0, 0, Map.of(), 0);

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
    check(Math.abs(frequencyPenalty) <= 2, "frequency penalty", frequencyPenalty, "-2 to 2");
    check(Math.abs(presencePenalty) <= 2, "presence penalty", presencePenalty, "-2 to 2");
    bias = Map.copyOf(bias);
    bias.forEach(
        (id, value) -> check(Math.abs(value) <= 100, "bias of " + id, value, "-100 to 100"));
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

  /** Whether the likeliest token is chosen, and no score changed by anything before. */
  boolean isPlainlyGreedy() {
    return temperature == 0
        && repetitionPenalty == 1
        && frequencyPenalty == 0
        && presencePenalty == 0
        && bias.isEmpty();
  }

  public Sampling withTemperature(double value) {
    return new Sampling(
        value, topK, topP, minP, repetitionPenalty, frequencyPenalty, presencePenalty, bias, seed);
  }

  public Sampling withTopK(int value) {
    return new Sampling(
        temperature,
        value,
        topP,
        minP,
        repetitionPenalty,
        frequencyPenalty,
        presencePenalty,
        bias,
        seed);
  }

  public Sampling withTopP(double value) {
    return new Sampling(
        temperature,
        topK,
        value,
        minP,
        repetitionPenalty,
        frequencyPenalty,
        presencePenalty,
        bias,
        seed);
  }

  public Sampling withRepetitionPenalty(double value) {
    return new Sampling(
        temperature, topK, topP, minP, value, frequencyPenalty, presencePenalty, bias, seed);
  }

  public Sampling withFrequencyPenalty(double value) {
    return new Sampling(
        temperature, topK, topP, minP, repetitionPenalty, value, presencePenalty, bias, seed);
  }

  public Sampling withPresencePenalty(double value) {
    return new Sampling(
        temperature, topK, topP, minP, repetitionPenalty, frequencyPenalty, value, bias, seed);
  }

  public Sampling withBias(Map<Integer, Double> value) {
    return new Sampling(
        temperature,
        topK,
        topP,
        minP,
        repetitionPenalty,
        frequencyPenalty,
        presencePenalty,
        value,
        seed);
  }

  public Sampling withSeed(long value) {
    return new Sampling(
        temperature,
        topK,
        topP,
        minP,
        repetitionPenalty,
        frequencyPenalty,
        presencePenalty,
        bias,
        value);
  }
}
