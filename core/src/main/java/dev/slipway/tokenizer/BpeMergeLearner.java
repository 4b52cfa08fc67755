package dev.slipway.tokenizer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Learns merges by byte-pair encoding (Sennrich et al. 2016, algorithm 1): again and again the most
 * frequent pair of neighbours within words becomes a token. Of equally frequent pairs the one with
 * the smallest ids goes first.
 *
 * <p>The result is that of Hugging Face's {@code BpeTrainer} to the last id, and so are its two
 * peculiarities. Two merges may spell the same token ({@code a+bc} and {@code ab+c}) and then share
 * its id. A pair that holds such a token can come up in the queue once for each time that the token
 * was made, each time with the words that were met then, so that it may be merged in instalments.
 */
final class BpeMergeLearner {
  private record Candidate(long count, long pair, int number, int step, int[] words) {}

  private static final Comparator<Candidate> ORDER =
      Comparator.comparingLong(Candidate::count)
          .reversed()
          .thenComparingLong(Candidate::pair)
          .thenComparingInt(Candidate::step);

  private final BpeConfig config;
  private final BpeTrainingListener listener;

  private final List<String> tokens = new ArrayList<>();
  private final Map<String, Integer> ids = new HashMap<>();
  private final int[] byteIds = new int[256];

  private int[] symbols = {}; // the ids of all words, word after word
  private int[] starts = {};
  private int[] ends = {}; // exclusive; shrinks as the ids of a word are merged
  private long[] wordCounts = {};

  private final PairTable pairs = new PairTable(1 << 14);
  private long[] pairCounts = new long[1 << 14];
  private @Nullable IntArray[] newWords = new IntArray[1 << 14]; // of pairs that this step made
  private final IntArray newPairs = new IntArray(256);
  private final PriorityQueue<Candidate> queue = new PriorityQueue<>(ORDER);

  BpeMergeLearner(BpeConfig config, BpeTrainingListener listener) {
    this.config = config;
    this.listener = listener;
  }

  /** The vocabulary and the merges in the order in which they apply. */
  BpeModel learn(WordCounts counts) {
    config.specialTokens().forEach(this::idOf);
    for (int b : ByteAlphabet.inOrder()) {
      byteIds[b] = idOf(ByteAlphabet.spell(b));
    }
    spread(counts);
    countPairs();
    LinkedHashMap<BpeModel.Merge, Integer> merges = new LinkedHashMap<>();
    for (int step = 1; tokens.size() < config.vocabularySize(); step++) {
      Candidate top = mostFrequent();
      if (top == null) {
        break;
      }
      int left = PairTable.left(top.pair());
      int right = PairTable.right(top.pair());
      int merged = idOf(tokens.get(left) + tokens.get(right));
      BpeModel.Merge merge = new BpeModel.Merge(tokens.get(left), tokens.get(right));
      merges.remove(merge); // of two instalments the later one gives the rank
      merges.put(merge, merged);
      for (int word : top.words()) {
        merge(word, left, right, merged);
      }
      enqueueNewPairs(step);
      listener.merging(tokens.size(), config.vocabularySize());
    }
    return BpeModel.trained(tokens, List.copyOf(merges.keySet()), config.specialTokens());
  }

  private int idOf(String token) {
    Integer id = ids.putIfAbsent(token, tokens.size());
    if (id == null) {
      tokens.add(token);
      return tokens.size() - 1;
    }
    return id;
  }

  private void spread(WordCounts counts) {
    WordTable words = counts.words();
    byte[] bytes = words.bytes();
    symbols = new int[words.byteCount()];
    for (int i = 0; i < symbols.length; i++) {
      symbols[i] = byteIds[bytes[i] & 0xFF];
    }
    starts = new int[words.size()];
    ends = new int[words.size()];
    wordCounts = new long[words.size()];
    for (int word = 0; word < starts.length; word++) {
      starts[word] = words.start(word);
      ends[word] = words.end(word);
      wordCounts[word] = counts.count(word);
    }
  }

  private void countPairs() {
    for (int word = 0; word < starts.length; word++) {
      for (int i = starts[word] + 1; i < ends[word]; i++) {
        found(symbols[i - 1], symbols[i], word);
      }
    }
    enqueueNewPairs(0);
  }

  private @Nullable Candidate mostFrequent() {
    for (Candidate top = queue.poll(); top != null; top = queue.poll()) {
      long count = pairCounts[top.number()];
      if (count == top.count()) {
        return count >= Math.max(1, config.minimumFrequency()) ? top : null;
      }
      queue.add(new Candidate(count, top.pair(), top.number(), top.step(), top.words()));
    }
    return null;
  }

  private void merge(int word, int left, int right, int merged) {
    int start = starts[word];
    int end = ends[word];
    int to = start;
    for (int from = start; from < end; to++) {
      int symbol = symbols[from++];
      if (symbol == left && from < end && symbols[from] == right) {
        from++;
        if (to > start) {
          lost(symbols[to - 1], left, word);
          found(symbols[to - 1], merged, word);
        }
        if (from < end) {
          lost(right, symbols[from], word);
          found(merged, symbols[from], word);
        }
        symbol = merged;
      }
      symbols[to] = symbol;
    }
    ends[word] = to;
  }

  private void lost(int left, int right, int word) {
    pairCounts[number(left, right)] -= wordCounts[word];
  }

  private void found(int left, int right, int word) {
    int number = number(left, right);
    pairCounts[number] += wordCounts[word];
    IntArray words = newWords[number];
    if (words == null) {
      words = new IntArray(4);
      newWords[number] = words;
      newPairs.add(number);
    } else if (words.last() == word) {
      return;
    }
    words.add(word);
  }

  private int number(int left, int right) {
    int number = pairs.findOrAdd(PairTable.pair(left, right));
    if (number >= pairCounts.length) {
      pairCounts = Arrays.copyOf(pairCounts, IntArray.grown(pairCounts.length, number + 1));
      newWords = Arrays.copyOf(newWords, pairCounts.length);
    }
    return number;
  }

  private void enqueueNewPairs(int step) {
    for (int i = 0; i < newPairs.size(); i++) {
      int number = newPairs.get(i);
      IntArray words = newWords[number];
      if (words != null && pairCounts[number] > 0) {
        queue.add(
            new Candidate(pairCounts[number], pairs.pair(number), number, step, words.toArray()));
      }
      newWords[number] = null;
    }
    newPairs.clear();
  }
}
