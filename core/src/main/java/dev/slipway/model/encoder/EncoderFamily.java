package dev.slipway.model.encoder;

import java.util.List;

/**
 * How a family's checkpoints are named.
 *
 * @param modelType {@code model_type} in config.json
 * @param name before the names of architectures, such as {@code Bert}
 * @param prefix before the encoder's tensors where there is a head
 * @param heads beginnings of the tensors of all heads that the family has, among which are some
 *     that a model with another head leaves
 * @param tokenBiases names under which the bias of the map to the vocabulary is found, the one that
 *     counts first
 */
public record EncoderFamily(
    String modelType, String name, String prefix, List<String> heads, List<String> tokenBiases) {
  public EncoderFamily {
    heads = List.copyOf(heads);
    tokenBiases = List.copyOf(tokenBiases);
  }

  /** What transformers calls the class of a model with this head. */
  public String architecture(Head head) {
    return name
        + switch (head) {
          case Head.Hidden _ -> "Model";
          case Head.MaskedLanguageModel _ -> "ForMaskedLM";
          case Head.SequenceClassification _ -> "ForSequenceClassification";
          case Head.TokenClassification _ -> "ForTokenClassification";
        };
  }

  /** Architectures that are opened. */
  public List<String> architectures() {
    return List.of(
        name + "Model",
        name + "ForMaskedLM",
        name + "ForSequenceClassification",
        name + "ForTokenClassification");
  }
}
