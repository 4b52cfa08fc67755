package dev.slipway.infer.batch;

import dev.slipway.tensor.kernel.infer.LowRank;
import java.util.List;
import java.util.Map;

/**
 * A network that computes positions of several sequences in one pass, with keys and values in
 * blocks of {@link #BLOCK} positions. Used by one thread.
 *
 * <p>What comes of a position depends on the tokens up to it and, where {@link #fixedPiece} is not
 * 0, on how the sequence is cut into pieces; never on what else is in the pass.
 */
public interface BatchNetwork extends AutoCloseable {
  /** Positions of a block. */
  int BLOCK = 16;

  int vocabularySize();

  /** The longest sequence. */
  int context();

  /** How many blocks there are, numbered from 0. */
  int blocks();

  /**
   * Positions of a prompt that must be computed in one piece, from each multiple of it on, what
   * follows the prompt one by one; a multiple of {@link #BLOCK}. 0 where any cut gives the same.
   */
  int fixedPiece();

  /**
   * Consecutive positions of one sequence.
   *
   * @param ids their tokens, at least one
   * @param start the first one's position; those before it have been computed
   * @param blocks where the sequence's keys and values are, enough for the last position; read
   *     during the pass alone
   * @param wanted the logits after how many of the last positions are wanted
   * @param length tokens of the sequence that are known, which some rotary scalings depend on
   * @param adapter which {@link #addAdapter} loaded; "" for none
   */
  record Piece(int[] ids, int start, int[] blocks, int wanted, int length, String adapter) {
    /** Of the model without an adapter. */
    public Piece(int[] ids, int start, int[] blocks, int wanted, int length) {
      this(ids, start, blocks, wanted, length, "");
    }
  }

  /** Whether sequences may name adapters. */
  default boolean takesAdapters() {
    return false;
  }

  /**
   * Loads an adapter beside the weights.
   *
   * @param id not in use
   * @param matrices by their modules' names in the checkpoint, read now and not kept
   */
  default void addAdapter(String id, Map<String, LowRank.Matrices> matrices) {
    throw new IllegalStateException("this network takes no adapters");
  }

  /** Frees an adapter, which no piece names from now on. */
  default void removeAdapter(String id) {}

  /**
   * Computes pieces of different sequences.
   *
   * @return the wanted logits (V), piece after piece
   */
  List<float[]> run(List<Piece> pieces);

  /** Takes back logits that nobody reads any more: a pass to come may write into their arrays. */
  default void reuse(List<float[]> logits) {}

  /**
   * Has something done that the next pass need not wait for, by another thread where one is at
   * hand.
   *
   * @param work short, and waits for nothing
   */
  default void aside(Runnable work) {
    work.run();
  }

  @Override
  void close();
}
