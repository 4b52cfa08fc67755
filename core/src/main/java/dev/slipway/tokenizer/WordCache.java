package dev.slipway.tokenizer;

/** The ids of words met before; forgets everything when it is full. Not for several threads. */
final class WordCache {
  private static final int MOST_WORDS = 1 << 17;
  private static final int MOST_BYTES = 1 << 22;
  private static final int LONGEST_WORD = 128;

  private final BpeMerger merger;
  private final WordTable words = new WordTable();
  private final IntArray idEnds = new IntArray(1 << 10); // of a word in ids
  private final IntArray ids = new IntArray(1 << 12);

  WordCache(BpeMerger merger) {
    this.merger = merger;
  }

  /** Appends the ids of a word. */
  void encode(byte[] text, int from, int to, IntArray output) {
    if (to - from > LONGEST_WORD) {
      merger.encode(text, from, to, output);
      return;
    }
    long hash = WordTable.hash(text, from, to);
    int word = words.find(text, from, to, hash);
    if (word < 0) {
      if (words.size() == MOST_WORDS || words.byteCount() > MOST_BYTES) {
        words.clear();
        idEnds.clear();
        ids.clear();
        word = words.find(text, from, to, hash);
      }
      word = words.insert(text, from, to, hash, word);
      merger.encode(text, from, to, ids);
      idEnds.add(ids.size());
    }
    int start = word == 0 ? 0 : idEnds.get(word - 1);
    int end = idEnds.get(word);
    if (end - start == 1) {
      output.add(ids.get(start));
    } else {
      output.addAll(ids.array(), start, end);
    }
  }
}
