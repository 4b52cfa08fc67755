package dev.slipway.infer;

import dev.slipway.base.SlipwayException;
import dev.slipway.model.pretrained.CrossEncoderModules;
import dev.slipway.model.pretrained.RerankerModules;
import dev.slipway.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.List;

/**
 * How well two texts go together, such as a question and what may answer it: both are read as one
 * sequence (Nogueira and Cho 2019), by an encoder or by a causal decoder, as sentence-transformers'
 * {@code CrossEncoder} has it. Not for several threads, and for platform threads alone.
 */
public sealed interface CrossEncoder extends AutoCloseable permits EncoderPairs, DecoderPairs {
  /** Whether a folder in Hugging Face's or sentence-transformers' layout is a cross-encoder. */
  static boolean is(Path folder) {
    return RerankerModules.is(folder) || CrossEncoderModules.is(folder);
  }

  /**
   * Opens a folder that {@link #is} a cross-encoder.
   *
   * @throws SlipwayException if something in it is missing or wrong
   */
  static CrossEncoder open(Path folder) {
    return RerankerModules.is(folder) ? DecoderPairs.open(folder) : EncoderPairs.open(folder);
  }

  Tokenizer tokenizer();

  /** The most tokens of a pair that are taken, special ones included. */
  int longest();

  /**
   * @param scores the higher, the better both texts go together; from 0 to 1 unless the model says
   *     otherwise
   * @param tokens that were read, of all pairs together
   */
  record Scores(List<Double> scores, int tokens) {
    public Scores {
      scores = List.copyOf(scores);
    }
  }

  /**
   * The score of each pair, in their order.
   *
   * @param first as many as {@code second}, or one that goes with each of those
   */
  Scores scores(List<String> first, List<String> second);

  @Override
  void close();
}
