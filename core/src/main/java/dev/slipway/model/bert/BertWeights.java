package dev.slipway.model.bert;

import dev.slipway.model.encoder.EncoderFamily;

/** What BERT's checkpoints call things. */
public final class BertWeights {
  public static final EncoderFamily FAMILY =
      new EncoderFamily(
          "bert",
          "Bert",
          "bert.",
          0,
          false,
          "cls.predictions.transform.dense",
          "cls.predictions.transform.LayerNorm",
          null,
          "cls.predictions.decoder",
          "cls.predictions.bias",
          null,
          "classifier");

  private BertWeights() {}
}
