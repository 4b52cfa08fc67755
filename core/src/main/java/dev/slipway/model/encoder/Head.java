package dev.slipway.model.encoder;

import java.util.List;

/** What an encoder's hidden states (B, T, C) become. */
public sealed interface Head {
  /**
   * Nothing further.
   *
   * @param pooler whether the first token's state also goes through a dense layer with tanh, as the
   *     output {@link TextEncoder#POOLED}
   */
  record Hidden(boolean pooler) implements Head {}

  /**
   * Logits of the token at each place, (B, T, V).
   *
   * @param tied whether the last projection's weight is the word embedding's
   */
  record MaskedLanguageModel(boolean tied) implements Head {}

  /**
   * Logits of the text's class, (B, labels); an estimate if there is one label.
   *
   * @param labels names of the classes
   */
  record SequenceClassification(List<String> labels) implements Head {
    public SequenceClassification {
      labels = List.copyOf(labels);
    }
  }

  /**
   * Logits of each token's class, (B, T, labels).
   *
   * @param labels names of the classes
   */
  record TokenClassification(List<String> labels) implements Head {
    public TokenClassification {
      labels = List.copyOf(labels);
    }
  }
}
