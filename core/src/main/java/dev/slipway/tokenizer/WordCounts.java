package dev.slipway.tokenizer;

import java.util.Arrays;

/** How often each word occurs. */
final class WordCounts {
  private final WordTable words = new WordTable();
  private long[] counts = new long[1 << 10];

  WordTable words() {
    return words;
  }

  long count(int word) {
    return counts[word];
  }

  /** Counts the pieces of a text. */
  void addText(String text) {
    byte[] bytes = Utf8.encode(text);
    for (int from = 0; from < bytes.length; ) {
      int to = Gpt2PreTokenizer.end(bytes, from, bytes.length);
      add(bytes, from, to, WordTable.hash(bytes, from, to), 1);
      from = to;
    }
  }

  void addAll(WordCounts others) {
    WordTable theirs = others.words;
    for (int word = 0; word < theirs.size(); word++) {
      add(
          theirs.bytes(),
          theirs.start(word),
          theirs.end(word),
          theirs.hash(word),
          others.counts[word]);
    }
  }

  private void add(byte[] bytes, int from, int to, long hash, long count) {
    int word = words.find(bytes, from, to, hash);
    if (word < 0) {
      word = words.insert(bytes, from, to, hash, word);
      if (word >= counts.length) {
        counts = Arrays.copyOf(counts, IntArray.grown(counts.length, word + 1));
      }
      counts[word] = 0;
    }
    counts[word] += count;
  }
}
