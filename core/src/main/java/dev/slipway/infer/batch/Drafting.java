package dev.slipway.infer.batch;

/**
 * Guesses what comes next, so that several tokens are verified in one pass (Leviathan et al. 2023,
 * "Fast inference from transformers via speculative decoding"). A guess is taken only where it is
 * the token that would have been chosen anyway: answers stay as they are.
 */
public interface Drafting extends AutoCloseable {
  Drafting NONE = (tokens, length, most) -> new int[0];

  /**
   * @param tokens of a sequence, of which the first {@code length} count
   * @param most how many guesses at most, one or more
   * @return the guesses, none or more
   */
  int[] draft(int[] tokens, int length, int most);

  @Override
  default void close() {}
}
