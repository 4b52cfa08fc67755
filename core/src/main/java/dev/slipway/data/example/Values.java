package dev.slipway.data.example;

/** One input or target for the rows of a batch, row after row. */
public sealed interface Values {
  /** Sizes with the rows first. */
  long[] shape();

  record Floats(float[] values, long[] shape) implements Values {}

  /**
   * @param lengths the true length of each row along the second dimension, or empty where all are
   *     as long; the rest is padding with id 0
   */
  record Ids(int[] values, long[] shape, int[] lengths) implements Values {}

  /** Floats of differing lengths along the second dimension, padded with zeros. */
  record Ragged(float[] values, long[] shape, int[] lengths) implements Values {}
}
