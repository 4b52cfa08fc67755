package dev.slipway.model.encoder;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A family of encoders that differ from others by what their checkpoints call things and by a few
 * settings.
 *
 * @param modelType {@code model_type} in config.json
 * @param name before the names of architectures, such as {@code Bert}
 * @param prefix before the encoder's tensors where there is a head
 * @param padId of the padding token where config.json names none
 * @param positionsAfterPadding whether positions are counted from the padding token's id on, as
 *     {@link PositionIds#after} has it
 * @param transform module of the masked-token head's dense layer
 * @param transformNorm name of its norm
 * @param transformActivation what stands between them; null takes that of the blocks
 * @param decoder module of its map to the vocabulary
 * @param decoderBias parameter of that map's bias where its weight is the word embedding
 * @param sequenceDense module of the dense layer before the classifier of texts; null where the
 *     classifier reads the pooler's output
 * @param sequenceOutput module of the classifier of texts
 */
public record EncoderFamily(
    String modelType,
    String name,
    String prefix,
    int padId,
    boolean positionsAfterPadding,
    String transform,
    String transformNorm,
    @Nullable HiddenActivation transformActivation,
    String decoder,
    String decoderBias,
    @Nullable String sequenceDense,
    String sequenceOutput) {
  /** Module of the dense layer on the first token's state. */
  static final String POOLER = "pooler.dense";

  /** Module of the classifier of tokens. */
  static final String CLASSIFIER = "classifier";

  /** Module of the map to the logits of an answer's first and last token. */
  static final String SPAN = "qa_outputs";

  /** What transformers calls the class of a model with this head. */
  public String architecture(Head head) {
    return name
        + switch (head) {
          case Head.Hidden _ -> "Model";
          case Head.MaskedLanguageModel _ -> "ForMaskedLM";
          case Head.SequenceClassification _ -> "ForSequenceClassification";
          case Head.TokenClassification _ -> "ForTokenClassification";
          case Head.SpanAnswering _ -> "ForQuestionAnswering";
        };
  }

  /** Architectures that are opened. */
  public List<String> architectures() {
    return List.of(
        name + "Model",
        name + "ForMaskedLM",
        name + "ForSequenceClassification",
        name + "ForTokenClassification",
        name + "ForQuestionAnswering");
  }

  /** Names under which the bias of the map to the vocabulary is found, what counts first. */
  List<String> tokenBiases() {
    return List.of(decoder + ".bias", decoderBias);
  }

  /** transformers keeps a tied head's bias apart from its map. */
  String decoderBias(boolean tied) {
    return tied ? decoderBias : decoder + ".bias";
  }

  /** Whether a tensor, without the family's prefix, is part of one of the family's heads. */
  boolean isOfHead(String bare) {
    return List.of(
            decoder.substring(0, decoder.indexOf('.') + 1), CLASSIFIER + ".", "pooler.", SPAN + ".")
        .stream()
        .anyMatch(bare::startsWith);
  }
}
