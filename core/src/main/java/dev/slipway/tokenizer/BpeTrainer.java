package dev.slipway.tokenizer;

import java.util.Iterator;

/**
 * Trains a byte-level BPE on documents. The vocabulary and the merges are those of Hugging Face's
 * {@code BpeTrainer} behind a {@code ByteLevel(add_prefix_space=False)} pre-tokenizer with its
 * whole alphabet; they depend neither on the order of the documents nor on the number of threads.
 */
public final class BpeTrainer {
  private BpeTrainer() {}

  /** Trains on every processor. */
  public static BpeTokenizer train(Iterator<String> documents, BpeConfig config) {
    return train(
        documents, config, Runtime.getRuntime().availableProcessors(), BpeTrainingListener.NONE);
  }

  /**
   * Trains a tokenizer.
   *
   * @param documents read once, on this thread; special tokens in them are text like any other
   * @param threads how many count words
   */
  public static BpeTokenizer train(
      Iterator<String> documents, BpeConfig config, int threads, BpeTrainingListener listener) {
    WordCounts counts = new WordCounter(threads, listener).count(documents);
    return new BpeTokenizer(new BpeMergeLearner(config, listener).learn(counts));
  }
}
