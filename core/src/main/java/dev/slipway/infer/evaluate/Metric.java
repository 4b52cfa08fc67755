package dev.slipway.infer.evaluate;

import dev.slipway.eval.metric.Better;
import java.util.List;

/** A figure of a task, named as in lm-evaluation-harness: what Σ figures / Σ weights becomes. */
public enum Metric {
  /** The share of items whose right answer has the largest likelihood, or is decoded greedily. */
  ACC("acc", true),
  /** {@link #ACC} by likelihood a character of the choice. */
  ACC_NORM("acc_norm", true),
  /** {@link #ACC} by likelihood a byte of the choice in UTF-8. */
  ACC_BYTES("acc_bytes", true),
  /** The share of generated answers that are right. */
  EXACT_MATCH("exact_match", true),
  /** exp(−Σ ln p / answers) of whole answers; exp(−Σ ln p / tokens) of texts. */
  PERPLEXITY("perplexity", false),
  /** exp(−Σ ln p / words). */
  WORD_PERPLEXITY("word_perplexity", false),
  /** exp(−Σ ln p / bytes). */
  BYTE_PERPLEXITY("byte_perplexity", false),
  /** −Σ ln p / (ln 2 · bytes). */
  BITS_PER_BYTE("bits_per_byte", false);

  private final String label;
  private final boolean share;

  Metric(String label, boolean share) {
    this.label = label;
    this.share = share;
  }

  /** As lm-evaluation-harness spells it. */
  public String label() {
    return label;
  }

  /** Whether items are right or wrong. */
  public boolean isShare() {
    return share;
  }

  public Better better() {
    return share ? Better.HIGHER : Better.LOWER;
  }

  /**
   * @param ratio Σ figures / Σ weights
   */
  double of(double ratio) {
    return switch (this) {
      case ACC, ACC_NORM, ACC_BYTES, EXACT_MATCH -> ratio;
      case PERPLEXITY, WORD_PERPLEXITY, BYTE_PERPLEXITY -> Math.exp(ratio);
      case BITS_PER_BYTE -> ratio / Math.log(2);
    };
  }

  static List<Metric> of(EvalTask.Kind kind) {
    return switch (kind) {
      case MULTIPLE_CHOICE -> List.of(ACC, ACC_NORM, ACC_BYTES);
      case GENERATE -> List.of(EXACT_MATCH);
      case LIKELIHOOD -> List.of(ACC, PERPLEXITY);
      case TEXT -> List.of(PERPLEXITY, WORD_PERPLEXITY, BYTE_PERPLEXITY, BITS_PER_BYTE);
    };
  }
}
