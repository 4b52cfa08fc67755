package dev.slipway.model.decoder;

/**
 * The sizes that every decoder has. Shapes in this package: B rows, T positions, S positions seen
 * (earlier ones included), C hidden size, H heads, K key-value heads, D head width, F inner width,
 * V vocabulary.
 *
 * @param vocabularySize V
 * @param context the longest sequence
 * @param hiddenSize C
 * @param layers number of blocks
 * @param heads H
 * @param keyValueHeads K, a divisor of H (Ainslie et al. 2023)
 * @param headDim D
 */
public record DecoderShape(
    int vocabularySize,
    int context,
    int hiddenSize,
    int layers,
    int heads,
    int keyValueHeads,
    int headDim) {
  /** Above what anybody published: a larger number would only fill memory. */
  private static final int MOST_LAYERS = 10_000;

  public DecoderShape {
    positive("vocabulary size", vocabularySize);
    positive("context", context);
    positive("hidden size", hiddenSize);
    positive("number of layers", layers);
    if (layers > MOST_LAYERS) {
      throw new IllegalArgumentException(
          "the number of layers is " + layers + ", expected at most " + MOST_LAYERS);
    }
    positive("number of heads", heads);
    positive("number of key-value heads", keyValueHeads);
    positive("head width", headDim);
    if (heads % keyValueHeads != 0) {
      throw new IllegalArgumentException(
          heads + " heads can't share " + keyValueHeads + " key-value heads evenly");
    }
  }

  private static void positive(String what, int value) {
    if (value < 1) {
      throw new IllegalArgumentException("the " + what + " is " + value + ", expected at least 1");
    }
  }

  /** {@code H D}: what queries are wide together. */
  public long queryWidth() {
    return (long) heads * headDim;
  }

  /** {@code K D}: what keys, and values, are wide together. */
  public long keyWidth() {
    return (long) keyValueHeads * headDim;
  }
}
