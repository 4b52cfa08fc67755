package dev.slipway.infer;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import java.util.Arrays;

/**
 * Tokens whose likelihood behind others is asked for.
 *
 * @param context what precedes them, at least one id
 * @param ids what is scored, at least one id
 */
public record Continuation(int[] context, int[] ids) {
  public Continuation {
    if (context.length == 0 || ids.length == 0) {
      throw new SlipwayException(
          Exit.INPUT,
          "score.empty-continuation",
          "a context of "
              + context.length
              + " tokens and a continuation of "
              + ids.length
              + " came to be scored, expected one at least of each",
          "give both some text");
    }
  }

  /**
   * How likely it is.
   *
   * @param logprob Σ ln p of its tokens
   * @param tokens how many it has
   * @param hits how many of them are the likeliest in their place
   */
  public record Likelihood(double logprob, int tokens, int hits) {
    /** Whether greedy decoding gives it. */
    public boolean greedy() {
      return hits == tokens;
    }
  }

  /**
   * Both in one row, of which the first {@code context} ids go where the model takes fewer: as many
   * inputs as its context, and one target more.
   */
  public int[] row(int longest) {
    int length = context.length + ids.length;
    int[] row = Arrays.copyOf(context, length);
    System.arraycopy(ids, 0, row, context.length, ids.length);
    return length > longest + 1 ? Arrays.copyOfRange(row, length - longest - 1, length) : row;
  }
}
