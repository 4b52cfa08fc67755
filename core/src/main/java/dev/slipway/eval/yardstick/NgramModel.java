package dev.slipway.eval.yardstick;

import static dev.slipway.eval.yardstick.ContextSort.BOUNDARY;
import static dev.slipway.eval.yardstick.ContextSort.MARGIN;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A byte-level n-gram model with interpolated modified Kneser-Ney smoothing: Chen and Goodman 1998,
 * "An Empirical Study of Smoothing Techniques for Language Modeling", §3. The alphabet is the 256
 * byte values, of which 0xFF (never in UTF-8) ends a document.
 *
 * <p>With h a context of k bytes, h' the same without its first byte, a the number of times that w
 * follows h (at the longest context, or when h begins the document) or else the number of different
 * bytes before h w, and A the sum of a over w:
 *
 * <pre>p(w | h) = (a(h w) - D(a(h w))) / A(h) + γ(h) p(w | h'),  γ(h) = Σ D(a(h ·)) / A(h)</pre>
 *
 * <p>The discounts D(1), D(2), D(3 and more) of each k come from the counts of counts (their
 * equation 26). An unknown context has the probabilities of its h'; below the empty context all
 * bytes are alike.
 *
 * <p>Nothing is stored by n-gram: the positions of the text are sorted by their context, so that
 * each context is a range. Takes 8 bytes of memory a byte of text, and more for the frequent
 * contexts that were asked for. Not for several threads at once.
 */
public final class NgramModel {
  private static final int SYMBOLS = 256;

  /** Contexts that occur at least so often are counted once and kept. */
  private static final int KEPT_FROM = 128;

  private final int maxContext;
  private final byte[] text;

  /** Positions in {@link #text} by context. */
  private final int[] sorted;

  /** Bytes of context that a sorted position shares with the one before it. */
  private final byte[] shared;

  /** The byte at each sorted position. */
  private final byte[] symbols;

  /**
   * Bytes from each sorted position back to its document's boundary, that included; at most 127.
   */
  private final byte[] reach;

  /** {@code [k][min(a, 3)]} */
  private final double[][] discounts;

  private final Map<Long, Followers> kept = new HashMap<>();
  private final int[] lastChild = new int[SYMBOLS];
  private int child;
  private final FollowerCounts scratch = new FollowerCounts();

  private NgramModel(int order, byte[] text) {
    this.maxContext = order - 1;
    this.text = text;
    this.sorted = ContextSort.sort(text, maxContext);
    this.shared = new byte[sorted.length];
    this.symbols = new byte[sorted.length];
    for (int i = 0; i < sorted.length; i++) {
      symbols[i] = text[sorted[i]];
      shared[i] = i == 0 ? -1 : (byte) sharedContext(sorted[i - 1], sorted[i]);
    }
    this.reach = reach();
    this.discounts = new double[maxContext + 1][];
    for (int k = 0; k <= maxContext; k++) {
      discounts[k] = discounts(k);
    }
  }

  /**
   * @param order n, 1 to 64: the longest context has n - 1 bytes
   * @param documents UTF-8; a context never reaches over a document's beginning
   */
  public static NgramModel train(List<byte[]> documents, int order) {
    if (order < 1 || order > 64) {
      throw new IllegalArgumentException("order is " + order + ", expected 1 to 64");
    }
    long size = MARGIN;
    for (byte[] document : documents) {
      size += document.length + 1L;
    }
    byte[] text = new byte[Math.toIntExact(size)];
    Arrays.fill(text, 0, MARGIN, BOUNDARY);
    int at = MARGIN;
    for (byte[] document : documents) {
      System.arraycopy(document, 0, text, at, document.length);
      at += document.length;
      text[at++] = BOUNDARY;
    }
    return new NgramModel(order, text);
  }

  /** −ln p of a document and of its end, in nats, each byte given those before it. */
  public double nats(byte[] document) {
    byte[] padded = new byte[document.length + 2];
    padded[0] = BOUNDARY;
    System.arraycopy(document, 0, padded, 1, document.length);
    padded[document.length + 1] = BOUNDARY;
    double nats = 0;
    for (int i = 1; i < padded.length; i++) {
      nats -= Math.log(probability(padded, i, padded[i] & 0xFF));
    }
    return nats;
  }

  /**
   * p(w | the document's beginning up to here), for each w; 0xFF stands for the document's end.
   * They sum to 1.
   */
  public double[] probabilities(byte[] beginning) {
    byte[] padded = new byte[beginning.length + 1];
    padded[0] = BOUNDARY;
    System.arraycopy(beginning, 0, padded, 1, beginning.length);
    double[] p = new double[SYMBOLS];
    for (int w = 0; w < SYMBOLS; w++) {
      p[w] = probability(padded, padded.length, w);
    }
    return p;
  }

  private double probability(byte[] padded, int position, int symbol) {
    double p = 1.0 / SYMBOLS;
    int from = 0;
    int to = sorted.length;
    for (int k = 0; from < to; k++) {
      boolean begins = k > 0 && padded[position - k] == BOUNDARY;
      p = interpolated(from, to, k, begins || k == maxContext, symbol, p);
      if (begins || k == maxContext) {
        return p;
      }
      int next = padded[position - 1 - k] & 0xFF;
      int start =
          to - from < KEPT_FROM ? childByWalk(from, to, k, next) : firstAtLeast(from, to, k, next);
      to = to - from < KEPT_FROM ? childEnd(start, to, k) : firstAtLeast(start, to, k, next + 1);
      from = start;
    }
    return p;
  }

  /**
   * Where the byte before a rare context is {@code value}, or {@code to}: reads the text once for
   * each longer context, since the reads are what costs.
   */
  private int childByWalk(int from, int to, int k, int value) {
    int start = from;
    while (start < to && (text[sorted[start] - 1 - k] & 0xFF) != value) {
      start = childEnd(start, to, k);
    }
    return start;
  }

  /** Where the context of k + 1 bytes that begins at {@code start} ends. */
  private int childEnd(int start, int to, int k) {
    int end = start + 1;
    while (end < to && shared[end] > k) {
      end++;
    }
    return Math.min(end, to);
  }

  /** Within a context of k bytes: where the byte before it is at least {@code value}. */
  private int firstAtLeast(int from, int to, int k, int value) {
    int low = from;
    int high = to;
    while (low < high) {
      int middle = low + high >>> 1;
      if ((text[sorted[middle] - 1 - k] & 0xFF) < value) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private double interpolated(int from, int to, int k, boolean raw, int symbol, double below) {
    if (to - from < KEPT_FROM) {
      count(from, to, k, raw);
      return scratch.interpolated(symbol, discounts[k], below);
    }
    long key = (long) from << 8 | k;
    Followers followers = kept.get(key);
    if (followers == null) {
      count(from, to, k, raw);
      followers = scratch.followers(discounts[k]);
      kept.put(key, followers);
    }
    return followers.interpolated(symbol, below);
  }

  /** a(h ·) for the range of h, into {@link #scratch}. */
  private void count(int from, int to, int k, boolean raw) {
    scratch.clear();
    child++;
    for (int i = from; i < to; i++) {
      int symbol = symbols[i] & 0xFF;
      if (raw) {
        scratch.add(symbol);
      } else {
        if (shared[i] <= k && i > from) {
          child++;
        }
        if (lastChild[symbol] != child) {
          lastChild[symbol] = child;
          scratch.add(symbol);
        }
      }
    }
  }

  /** Chen and Goodman's equation 26 over all contexts of k bytes. */
  private double[] discounts(int k) {
    long[] countsOfCounts = new long[5];
    int from = 0;
    while (from < sorted.length) {
      int to = from + 1;
      while (to < sorted.length && shared[to] >= k) {
        to++;
      }
      // A context that would reach over its document's beginning is none.
      if (reach[from] >= k) {
        if (to - from == 1) {
          countsOfCounts[1]++;
        } else {
          count(from, to, k, reach[from] == k || k == maxContext);
          scratch.countCounts(countsOfCounts);
        }
      }
      from = to;
    }
    double n1 = countsOfCounts[1];
    double n2 = countsOfCounts[2];
    double n3 = countsOfCounts[3];
    double n4 = countsOfCounts[4];
    double y = n1 / (n1 + 2 * n2);
    return new double[] {
      0, discount(1, y, n1, n2), discount(2, y, n2, n3), discount(3, y, n3, n4),
    };
  }

  /** The formula needs each count of counts; where a small text lacks one, half a count. */
  private static double discount(int a, double y, double n, double nNext) {
    double d = a - (a + 1) * y * nNext / n;
    return d > 0 && d < a ? d : 0.5;
  }

  private byte[] reach() {
    byte[] byPosition = new byte[text.length];
    int distance = 0;
    for (int i = MARGIN; i < text.length; i++) {
      distance = text[i - 1] == BOUNDARY ? 1 : distance + 1;
      byPosition[i] = (byte) Math.min(distance, Byte.MAX_VALUE);
    }
    byte[] bySorted = new byte[sorted.length];
    for (int i = 0; i < sorted.length; i++) {
      bySorted[i] = byPosition[sorted[i]];
    }
    return bySorted;
  }

  private int sharedContext(int a, int b) {
    int same = 0;
    while (same < maxContext) {
      long keyA = ContextSort.key(text, a, same);
      long keyB = ContextSort.key(text, b, same);
      if (keyA != keyB) {
        same += Long.numberOfLeadingZeros(keyA ^ keyB) >>> 3;
        break;
      }
      if ((keyA & 0xFF) == 0xFF) {
        same = maxContext;
      }
      same += Long.BYTES;
    }
    return Math.min(same, maxContext);
  }
}
