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
   * @param problem what the logits are of
   */
  record SequenceClassification(List<String> labels, Problem problem) implements Head {
    public SequenceClassification {
      labels = List.copyOf(labels);
    }

    /** Of one of several classes, or of a number where there is one label. */
    public SequenceClassification(List<String> labels) {
      this(labels, labels.size() == 1 ? Problem.REGRESSION : Problem.SINGLE_LABEL);
    }
  }

  /** {@code problem_type} in config.json. */
  enum Problem {
    REGRESSION("regression"),
    SINGLE_LABEL("single_label_classification"),
    MULTI_LABEL("multi_label_classification");

    private final String spelling;

    Problem(String spelling) {
      this.spelling = spelling;
    }

    /** As config.json has it. */
    public String spelling() {
      return spelling;
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

  /** Logits of the first and the last token of an answer that stands in the text, (B, 2, T). */
  record SpanAnswering() implements Head {}
}
