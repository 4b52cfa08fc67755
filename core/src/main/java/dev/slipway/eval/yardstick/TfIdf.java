package dev.slipway.eval.yardstick;

import de.bwaldvogel.liblinear.Feature;
import de.bwaldvogel.liblinear.FeatureNode;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Words and pairs of neighbouring words, weighted as scikit-learn's {@code
 * TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)} does: (1 + ln count) · (ln((1 +
 * n) / (1 + df)) + 1), then divided by the row's Euclidean norm. A word is two or more letters,
 * digits or underscores, in lower case. In fewer than 50 documents what occurs once is kept.
 */
final class TfIdf implements SparseRows {
  private static final int FEW = 50;

  /** Of a text longer than this the beginning alone is read, so that one file can't fill memory. */
  private static final int LONGEST = 1 << 20;

  private final Map<String, Integer> words;
  private final LongCounts grams;
  private final int[] features;
  private final double[] weights;
  private final int width;

  private TfIdf(
      Map<String, Integer> words, LongCounts grams, int[] features, double[] weights, int width) {
    this.words = words;
    this.grams = grams;
    this.features = features;
    this.weights = weights;
    this.width = width;
  }

  static TfIdf fit(Features.Texts training, int[] rows) {
    Map<String, Integer> words = new HashMap<>();
    LongCounts documents = new LongCounts();
    for (int row : rows) {
      long[] grams = grams(training.texts().get(row), words, true);
      Arrays.sort(grams);
      for (int i = 0; i < grams.length; i++) {
        if (i == 0 || grams[i] != grams[i - 1]) {
          documents.add(grams[i]);
        }
      }
    }
    int least = rows.length < FEW ? 1 : 2;
    int[] features = new int[documents.size()];
    double[] weights = new double[documents.size()];
    int next = 1;
    for (int gram = 0; gram < features.length; gram++) {
      int count = documents.count(gram);
      if (count >= least) {
        features[gram] = next++;
        weights[gram] = Math.log((1.0 + rows.length) / (1.0 + count)) + 1;
      }
    }
    return new TfIdf(words, documents, features, weights, next - 1);
  }

  /**
   * A word w as w + 1, and after it the pair (v, w) as (v + 1) · 2³² + w + 1; unknown ones are 0.
   */
  private static long[] grams(String text, Map<String, Integer> words, boolean learn) {
    String lower =
        (text.length() > LONGEST ? text.substring(0, LONGEST) : text).toLowerCase(Locale.ROOT);
    long[] grams = new long[64];
    int count = 0;
    int before = -1;
    int at = 0;
    while (at < lower.length()) {
      int end = at;
      while (end < lower.length() && isWord(lower.charAt(end))) {
        end++;
      }
      if (end - at >= 2) {
        String word = lower.substring(at, end);
        Integer known = words.get(word);
        if (known == null && learn) {
          known = words.size();
          words.put(word, known);
        }
        if (count + 2 > grams.length) {
          grams = Arrays.copyOf(grams, 2 * grams.length);
        }
        int id = known == null ? -1 : known;
        if (before >= 0 && id >= 0) {
          grams[count++] = (before + 1L) << 32 | id + 1L;
        }
        if (id >= 0) {
          grams[count++] = id + 1L;
        }
        before = id;
      }
      at = end + 1;
    }
    return Arrays.copyOf(grams, count);
  }

  private static boolean isWord(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || Character.isSurrogate(c);
  }

  @Override
  public int width() {
    return width;
  }

  @Override
  public Feature[] row(Features given, int example) {
    long[] found = grams(((Features.Texts) given).texts().get(example), words, false);
    int[] ids = new int[found.length];
    int known = 0;
    for (long gram : found) {
      int at = grams.index(gram);
      if (at >= 0 && features[at] > 0) {
        ids[known++] = at;
      }
    }
    // Features are numbered in the order of grams, so that these come out rising.
    Arrays.sort(ids, 0, known);
    Feature[] row = new Feature[known];
    int distinct = 0;
    double squares = 0;
    for (int i = 0; i < known; ) {
      int end = i;
      while (end < known && ids[end] == ids[i]) {
        end++;
      }
      double value = (1 + Math.log(end - i)) * weights[ids[i]];
      squares += value * value;
      row[distinct++] = new FeatureNode(features[ids[i]], value);
      i = end;
    }
    double norm = squares > 0 ? 1 / Math.sqrt(squares) : 1;
    for (int i = 0; i < distinct; i++) {
      row[i].setValue(row[i].getValue() * norm);
    }
    return Arrays.copyOf(row, distinct);
  }

  @Override
  public String shortName() {
    return "TF-IDF";
  }

  @Override
  public String description() {
    return "TF-IDF of words and pairs of words";
  }
}
