package dev.slipway.infer.batch;

import java.util.List;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;

/**
 * Guesses what comes next, so that several tokens are verified in one pass (Leviathan et al. 2023,
 * "Fast inference from transformers via speculative decoding"). A guess is taken only where it is
 * the token that would have been chosen anyway: answers stay as they are.
 */
public interface Drafting extends AutoCloseable {
  Drafting NONE = beginnings -> beginnings.stream().map(_ -> new int[0]).toList();

  /**
   * A sequence that goes on.
   *
   * @param tokens of which the first {@code length} count
   * @param most how many guesses at most, one or more
   * @param choice what will choose its tokens, for logits (V) of another model
   */
  record Beginning(int[] tokens, int length, int most, Supplier<ToIntFunction<float[]>> choice) {}

  /**
   * @return the guesses for each, none or more
   */
  List<int[]> draft(List<Beginning> beginnings);

  @Override
  default void close() {}
}
