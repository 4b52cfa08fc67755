package dev.slipway.eval.yardstick;

import java.util.Arrays;

/** How often each byte follows one context: a(h ·), filled for one context after the other. */
final class FollowerCounts {
  private final int[] bySymbol = new int[256];
  private final byte[] seen = new byte[256];
  private int distinct;
  private int total;

  /** How many bytes have the count 1, 2, and 3 or more. */
  private final int[] withCount = new int[4];

  void clear() {
    for (int i = 0; i < distinct; i++) {
      bySymbol[seen[i] & 0xFF] = 0;
    }
    distinct = 0;
    total = 0;
    Arrays.fill(withCount, 0);
  }

  void add(int symbol) {
    int count = bySymbol[symbol]++;
    if (count == 0) {
      seen[distinct++] = (byte) symbol;
    }
    if (count < 3) {
      withCount[count]--;
      withCount[count + 1]++;
    }
    total++;
  }

  /** p(w | h) from p(w | h'), as {@link NgramModel} gives the formula. */
  double interpolated(int symbol, double[] discounts, double below) {
    int count = bySymbol[symbol];
    return (count - discounts[Math.min(count, 3)] + taken(discounts) * below) / total;
  }

  /** What the discounts take from all counts together: γ(h) A(h). */
  private double taken(double[] discounts) {
    return discounts[1] * withCount[1] + discounts[2] * withCount[2] + discounts[3] * withCount[3];
  }

  /** Adds to {@code countsOfCounts[c]} how many bytes have the count c. */
  void countCounts(long[] countsOfCounts) {
    for (int i = 0; i < distinct; i++) {
      int count = bySymbol[seen[i] & 0xFF];
      if (count < countsOfCounts.length) {
        countsOfCounts[count]++;
      }
    }
  }

  Followers followers(double[] discounts) {
    byte[] symbols = Arrays.copyOf(seen, distinct);
    float[] shares = new float[distinct];
    for (int i = 0; i < distinct; i++) {
      int count = bySymbol[symbols[i] & 0xFF];
      shares[i] = (float) ((count - discounts[Math.min(count, 3)]) / total);
    }
    return new Followers(symbols, shares, taken(discounts) / total);
  }
}
