package dev.slipway.tune;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.nn.ParameterSpec;
import java.util.List;

/** A model's biases (BitFit). */
final class Biases {
  private Biases() {}

  /**
   * @throws SlipwayException {@code tune.no-bias} where there are none
   */
  static List<ParameterSpec> of(List<ParameterSpec> parameters) {
    List<ParameterSpec> biases =
        parameters.stream().filter(spec -> spec.name().endsWith("bias")).toList();
    if (biases.isEmpty()) {
      throw new SlipwayException(
          Exit.USAGE,
          "tune.no-bias",
          "the model has no biases, which bitfit tunes; GPT-2, Qwen2 and BERT have some",
          "tune it by ia3, which adds as few parameters, or by lora");
    }
    return biases;
  }
}
