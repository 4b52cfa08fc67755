package dev.slipway.infer;

import java.util.List;

/** Hears a generation as it comes. Called on the model's own thread: hand on, do not wait. */
@FunctionalInterface
public interface TokenListener {
  /** Hears nothing and never cancels. */
  TokenListener NONE = _ -> true;

  /**
   * @return whether to go on; false cancels the generation
   */
  boolean onPiece(Piece piece);

  /**
   * What became certain.
   *
   * @param text may be empty, while a code point or a possible stop string is unfinished
   * @param ids the tokens that came; none with what was held back to the end
   * @param logprobs theirs, when asked for
   */
  record Piece(String text, List<Integer> ids, List<TokenLogprob> logprobs) {
    public Piece {
      ids = List.copyOf(ids);
      logprobs = List.copyOf(logprobs);
    }
  }
}
