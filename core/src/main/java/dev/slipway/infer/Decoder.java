package dev.slipway.infer;

import java.util.List;
import java.util.function.DoubleConsumer;

/**
 * A network that continues sequences. All calls, sessions' included, come from the one thread that
 * owns the model. A decoder that batches sessions fits behind the same interface.
 */
public interface Decoder extends AutoCloseable {
  int vocabularySize();

  /** The longest sequence. */
  int context();

  /**
   * Begins an empty sequence.
   *
   * @param capacity how long it may get, at most {@link #context()}
   */
  Session open(int capacity);

  /**
   * How likely each continuation is, in the order of the requests. Contexts lose their first ids
   * where the model takes fewer.
   *
   * @param progress is told the share done
   */
  List<Continuation.Likelihood> likelihoods(List<Continuation> requests, DoubleConsumer progress);

  @Override
  void close();

  /** One sequence, with keys and values of its tokens so far. */
  interface Session extends AutoCloseable {
    /** How many tokens it has. */
    int length();

    /** Adds tokens, at least one; gives the logits (V) after the last. */
    float[] extend(int... ids);

    /** Adds tokens; gives the logits (T)(V) after each. */
    float[][] extendAll(int... ids);

    /**
     * Adds tokens; gives the log-probability of each target after its token.
     *
     * @param targets as many as ids
     */
    float[] extendAndScore(int[] ids, int[] targets);

    @Override
    void close();
  }
}
