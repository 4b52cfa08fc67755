package dev.slipway.model.encoder;

import dev.slipway.model.ModelConfig;
import dev.slipway.nn.ParameterSpec;
import java.util.List;

/**
 * An encoder and what its hidden states become. Parameters have transformers' names.
 *
 * @param encoder sizes
 */
public record TextEncoderConfig(EncoderFamily family, EncoderConfig encoder, Head head)
    implements ModelConfig {
  /** What comes before the encoder's names. */
  public String prefix() {
    return head instanceof Head.Hidden ? "" : family.prefix();
  }

  /** Whether a parameter or module is part of the head, and not of the encoder. */
  public boolean isOfHead(String name) {
    String bare =
        name.startsWith(family.prefix()) ? name.substring(family.prefix().length()) : name;
    return family.isOfHead(bare + ".");
  }

  @Override
  public List<ParameterSpec> parameters() {
    List<ParameterSpec> specs = encoder.parameters(prefix());
    int width = encoder.hiddenSize();
    switch (head) {
      case Head.Hidden(boolean pooler) -> {
        if (pooler) {
          EncoderConfig.dense(specs, EncoderFamily.POOLER, width, width);
        }
      }
      case Head.MaskedLanguageModel(boolean tied) -> {
        EncoderConfig.dense(specs, family.transform(), width, width);
        encoder.norm(specs, family.transformNorm());
        encoder.decoder(specs, tied ? null : family.decoder(), family.decoderBias(tied));
      }
      case Head.SequenceClassification(List<String> labels, Head.Problem _) -> {
        String dense = family.sequenceDense();
        EncoderConfig.dense(
            specs, dense == null ? prefix() + EncoderFamily.POOLER : dense, width, width);
        encoder.head(specs, family.sequenceOutput(), labels.size());
      }
      case Head.TokenClassification(List<String> labels) ->
          encoder.head(specs, EncoderFamily.CLASSIFIER, labels.size());
      case Head.SpanAnswering _ -> encoder.head(specs, EncoderFamily.SPAN, 2);
    }
    return specs;
  }
}
