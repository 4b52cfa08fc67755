package dev.slipway.data.conversation;

import java.util.Arrays;

/**
 * Tokens to learn from.
 *
 * @param ids n of them
 * @param learnt whether a token is to be predicted; never the first, which nothing stands before
 * @param label of the whole, such as 1 for an answer that is liked
 */
public record Sequence(int[] ids, boolean[] learnt, int label) {
  public Sequence {
    if (ids.length != learnt.length || ids.length == 0) {
      throw new IllegalArgumentException(ids.length + " tokens, a mask of " + learnt.length);
    }
    learnt[0] = false;
  }

  /** The tokens from one place up to another. */
  Sequence part(int from, int to) {
    return new Sequence(
        Arrays.copyOfRange(ids, from, to), Arrays.copyOfRange(learnt, from, to), label);
  }

  /** How many tokens are learnt. */
  public int targets() {
    int count = 0;
    for (boolean each : learnt) {
      count += each ? 1 : 0;
    }
    return count;
  }

  /** Where the first learnt token stands, or the length where there is none. */
  public int firstLearnt() {
    int at = 0;
    while (at < learnt.length && !learnt[at]) {
      at++;
    }
    return at;
  }
}
