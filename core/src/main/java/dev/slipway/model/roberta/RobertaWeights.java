package dev.slipway.model.roberta;

import dev.slipway.model.encoder.EncoderFamily;
import dev.slipway.model.encoder.HiddenActivation;

/** What RoBERTa's checkpoints call things. */
public final class RobertaWeights {
  public static final EncoderFamily FAMILY =
      new EncoderFamily(
          "roberta",
          "Roberta",
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

  private RobertaWeights() {}
}
