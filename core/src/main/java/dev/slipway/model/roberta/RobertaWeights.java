package dev.slipway.model.roberta;

import dev.slipway.model.encoder.EncoderFamily;
import dev.slipway.model.encoder.HiddenActivation;

/** What RoBERTa's checkpoints call things. */
public final class RobertaWeights {
  public static final EncoderFamily FAMILY = family("roberta", "Roberta");

  /** The same network over texts of a hundred languages (Conneau et al. 2020). */
  public static final EncoderFamily MULTILINGUAL = family("xlm-roberta", "XLMRoberta");

  private RobertaWeights() {}

  private static EncoderFamily family(String modelType, String name) {
    return new EncoderFamily(
        modelType,
        name,
        "roberta.",
        1,
        true,
        "lm_head.dense",
        "lm_head.layer_norm",
        HiddenActivation.GELU,
        "lm_head.decoder",
        "lm_head.bias",
        "classifier.dense",
        "classifier.out_proj");
  }
}
