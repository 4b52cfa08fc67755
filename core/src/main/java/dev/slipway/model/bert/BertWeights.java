package dev.slipway.model.bert;

import dev.slipway.model.encoder.EncoderFamily;
import java.util.List;

/** What BERT's checkpoints call things. */
public final class BertWeights {
  static final String MODEL_TYPE = "bert";

  public static final EncoderFamily FAMILY =
      new EncoderFamily(
          MODEL_TYPE,
          "Bert",
          BertConfig.PREFIX,
          List.of("cls.", "classifier.", "pooler.", "qa_outputs."),
          List.of(BertConfig.DECODER + ".bias", BertConfig.DECODER_BIAS));

  private BertWeights() {}
}
