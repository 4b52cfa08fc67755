package dev.slipway.model.encoder;

/**
 * Which position embedding each token of a sequence takes.
 *
 * @param first the first token's
 * @param skipsPadding whether only true tokens count on, and padding tokens, whose id is {@code
 *     first - 1}, take the position before the first
 */
public record PositionIds(int first, boolean skipsPadding) {
  /** 0, 1, 2, … */
  public static final PositionIds COLUMNS = new PositionIds(0, false);

  /** {@code padId + 1, padId + 2, …} over true tokens; padding tokens take {@code padId}. */
  public static PositionIds after(int padId) {
    return new PositionIds(padId + 1, true);
  }

  /** The position of padding tokens, which learns nothing; -1 where they have one like others. */
  int padding() {
    return skipsPadding ? first - 1 : -1;
  }

  /**
   * Fills in the positions of one sequence.
   *
   * @param ids of all sequences
   * @param from index of the sequence's first token
   * @param length of the sequence
   * @param positions as long as {@code ids}; written from {@code from} on
   */
  void fill(long[] ids, int from, int length, long[] positions) {
    int next = first;
    for (int i = from; i < from + length; i++) {
      positions[i] = skipsPadding && ids[i] == padding() ? padding() : next++;
    }
  }
}
