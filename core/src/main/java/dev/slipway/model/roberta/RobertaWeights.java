package dev.slipway.model.roberta;

import dev.slipway.model.encoder.EncoderFamily;
import java.util.List;

/** What RoBERTa's checkpoints call things. */
public final class RobertaWeights {
  static final String MODEL_TYPE = "roberta";

  public static final EncoderFamily FAMILY =
      new EncoderFamily(
          MODEL_TYPE,
          "Roberta",
          RobertaConfig.PREFIX,
          List.of("lm_head.", "classifier.", "pooler.", "qa_outputs."),
          List.of(RobertaConfig.DECODER + ".bias", RobertaConfig.DECODER_BIAS));

  private RobertaWeights() {}
}
