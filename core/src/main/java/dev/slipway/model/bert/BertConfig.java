package dev.slipway.model.bert;

import dev.slipway.model.ModelConfig;
import dev.slipway.model.encoder.EncoderConfig;
import dev.slipway.model.encoder.Head;
import dev.slipway.nn.ParameterSpec;
import java.util.List;

/**
 * BERT: an encoder and what its hidden states become. Parameters have transformers' names.
 *
 * @param encoder sizes
 */
public record BertConfig(EncoderConfig encoder, Head head) implements ModelConfig {
  /** Before the encoder's names where there is a head. */
  public static final String PREFIX = "bert.";

  static final String POOLER = "pooler.dense";
  static final String TRANSFORM = "cls.predictions.transform.dense";
  static final String TRANSFORM_NORM = "cls.predictions.transform.LayerNorm";
  static final String DECODER = "cls.predictions.decoder";
  static final String DECODER_BIAS = "cls.predictions.bias";
  static final String CLASSIFIER = "classifier";

  /** What comes before the encoder's names. */
  public String prefix() {
    return head instanceof Head.Hidden ? "" : PREFIX;
  }

  /** transformers keeps a tied head's bias apart from its map. */
  static String decoderBias(boolean tied) {
    return tied ? DECODER_BIAS : DECODER + ".bias";
  }

  @Override
  public List<ParameterSpec> parameters() {
    List<ParameterSpec> specs = encoder.parameters(prefix());
    int width = encoder.hiddenSize();
    switch (head) {
      case Head.Hidden(boolean pooler) -> {
        if (pooler) {
          EncoderConfig.dense(specs, POOLER, width, width);
        }
      }
      case Head.MaskedLanguageModel(boolean tied) -> {
        EncoderConfig.dense(specs, TRANSFORM, width, width);
        encoder.norm(specs, TRANSFORM_NORM);
        encoder.decoder(specs, tied ? null : DECODER, decoderBias(tied));
      }
      case Head.SequenceClassification(List<String> labels) -> {
        EncoderConfig.dense(specs, PREFIX + POOLER, width, width);
        encoder.head(specs, CLASSIFIER, labels.size());
      }
      case Head.TokenClassification(List<String> labels) ->
          encoder.head(specs, CLASSIFIER, labels.size());
    }
    return specs;
  }
}
