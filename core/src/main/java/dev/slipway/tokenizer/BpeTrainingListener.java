package dev.slipway.tokenizer;

/** Hears how far the training of a tokenizer is; called on the thread that trains. */
public interface BpeTrainingListener {
  /** Hears nothing. */
  BpeTrainingListener NONE =
      new BpeTrainingListener() {
        @Override
        public void counting(long documents, long characters) {}

        @Override
        public void merging(int tokens, int vocabularySize) {}
      };

  /** So many documents and UTF-16 units have been read. */
  void counting(long documents, long characters);

  /** The vocabulary has so many tokens of those asked for; it may end with fewer. */
  void merging(int tokens, int vocabularySize);
}
