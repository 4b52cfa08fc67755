package dev.slipway.plan;

import dev.slipway.model.gpt.GptConfig;
import java.util.List;

/** The ladder of sizes that a planner chooses from, and what follows from a size. */
public final class Sizes {
  /** A rung: width and depth. */
  record Rung(int hidden, int layers) {}

  private static final List<Rung> RUNGS =
      List.of(
          new Rung(64, 2),
          new Rung(64, 4),
          new Rung(96, 3),
          new Rung(96, 4),
          new Rung(128, 3),
          new Rung(128, 4),
          new Rung(128, 6),
          new Rung(160, 4),
          new Rung(192, 4),
          new Rung(192, 6),
          new Rung(256, 4),
          new Rung(256, 6),
          new Rung(320, 6),
          new Rung(384, 6),
          new Rung(384, 8),
          new Rung(512, 8),
          new Rung(640, 10),
          new Rung(768, 12),
          new Rung(1024, 12),
          new Rung(1024, 24),
          new Rung(1280, 24),
          new Rung(1536, 24),
          new Rung(2048, 24),
          new Rung(2560, 32),
          new Rung(3072, 32),
          new Rung(4096, 32));

  /** Bytes a token of byte-level BPE has on the JDK's sources, at 2⁹ to 2¹⁵ ids; measured. */
  private static final double[] BYTES_PER_TOKEN = {2.153, 2.771, 3.304, 3.786, 4.153, 4.408, 4.591};

  private Sizes() {}

  static List<Rung> ladder() {
    return RUNGS;
  }

  /** Heads of 32 below a width of 256, of 64 from there on. */
  public static int headDim(int hidden) {
    return hidden < 256 ? 32 : 64;
  }

  /**
   * The power of two nearest to what Tao et al. 2024 ("Scaling Laws with Vocabulary", section 4)
   * find best: parameters of the vocabulary go with those of the rest to the power of 0.83, through
   * their point of 6.6·10⁹ and 216,000 ids of width 4096.
   */
  public static int vocabulary(GptConfig config) {
    double rest = config.withVocabularySize(1).parameterCount();
    double best = 885e6 * Math.pow(rest / 6.6e9, 0.83) / config.hiddenSize();
    long exponent = Math.round(Math.log(best) / Math.log(2));
    return 1 << Math.clamp(exponent, 9, 17);
  }

  /** Bytes of text in a token, interpolated over the vocabulary's logarithm. */
  public static double bytesPerToken(int vocabulary) {
    double at = Math.log(vocabulary) / Math.log(2) - 9;
    if (at <= 0) {
      return Math.max(1, BYTES_PER_TOKEN[0] + at * (BYTES_PER_TOKEN[1] - BYTES_PER_TOKEN[0]));
    }
    int below = (int) Math.min(at, BYTES_PER_TOKEN.length - 2.0);
    double above = at - below;
    return BYTES_PER_TOKEN[below]
        + Math.min(above, 3) * (BYTES_PER_TOKEN[below + 1] - BYTES_PER_TOKEN[below]);
  }

  /**
   * Sequences in a step: a power of two that grows with operations to the power of 0.327 (Bi et al.
   * 2024, section 3.1), through what learnt fastest in short runs with Muon, 2,048 tokens at
   * 1.6·10¹⁴ operations.
   */
  public static int batch(double totalFlops, int context) {
    double tokens = 2048 * Math.pow(totalFlops / 1.6e14, 0.327);
    double rows = Math.clamp(tokens, 1024, 1 << 22) / context;
    return 1 << (int) Math.max(0, Math.round(Math.log(Math.max(1, rows)) / Math.log(2)));
  }

  /** AdamW's peak learning rate: {@code 0.3118 C^-0.125} (Bi et al. 2024, section 3.1). */
  public static double learningRate(double totalFlops) {
    return Math.min(0.01, 0.3118 * Math.pow(totalFlops, -0.125));
  }
}
