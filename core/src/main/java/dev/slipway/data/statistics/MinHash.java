package dev.slipway.data.statistics;

import java.util.Arrays;
import java.util.Locale;

/**
 * How alike texts are: the Jaccard similarity of their sets of runs of three words, estimated by
 * MinHash (Broder 1997) and found by banding (Leskovec et al., Mining of Massive Datasets, 3.4).
 */
final class MinHash {
  static final int BANDS = 16;
  private static final int ROWS = 4;
  private static final int RUN = 3;

  private MinHash() {}

  /** Hashes of the different runs of words, ascending; of a shorter text the one of its words. */
  static long[] shingles(String text) {
    long[] words = words(text);
    int count = words.length;
    if (count == 0) {
      return new long[0];
    }
    long[] runs = new long[Math.max(1, count - RUN + 1)];
    for (int i = 0; i < runs.length; i++) {
      long hash = 0;
      for (int j = i; j < Math.min(count, i + RUN); j++) {
        hash = mix(hash ^ words[j]);
      }
      runs[i] = hash;
    }
    return Arrays.stream(runs).sorted().distinct().toArray();
  }

  /** A hash of each run of letters and digits, in lower case. */
  private static long[] words(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    long[] words = new long[16];
    int count = 0;
    long hash = 0;
    for (int i = 0; i <= lower.length(); i++) {
      if (i < lower.length() && Character.isLetterOrDigit(lower.charAt(i))) {
        hash = 31 * hash + lower.charAt(i) + 1;
      } else if (hash != 0) {
        words = count == words.length ? Arrays.copyOf(words, 2 * count) : words;
        words[count++] = mix(hash);
        hash = 0;
      }
    }
    return Arrays.copyOf(words, count);
  }

  /** A key for each band; texts that share one may be alike. */
  static long[] bands(long[] shingles) {
    long[] keys = new long[BANDS];
    for (int band = 0; band < BANDS; band++) {
      long key = band + 1;
      for (int row = 0; row < ROWS; row++) {
        // One multiplication: the shingles are well mixed already (Dietzfelbinger et al. 1997).
        long factor = mix(band * ROWS + row + 1) | 1;
        long least = Long.MAX_VALUE;
        for (long shingle : shingles) {
          least = Math.min(least, shingle * factor);
        }
        key = mix(key ^ least);
      }
      keys[band] = key;
    }
    return keys;
  }

  /** |A ∩ B| / |A ∪ B| of two ascending sets. */
  static double jaccard(long[] a, long[] b) {
    int i = 0;
    int j = 0;
    int both = 0;
    while (i < a.length && j < b.length) {
      if (a[i] == b[j]) {
        both++;
        i++;
        j++;
      } else if (a[i] < b[j]) {
        i++;
      } else {
        j++;
      }
    }
    int either = a.length + b.length - both;
    return either == 0 ? 0 : both / (double) either;
  }

  static long mix(long value) {
    long z = value + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
