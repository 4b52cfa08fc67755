package dev.slipway.infer.evaluate;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Draws as Python's {@code random.Random(seed).sample}, so that the same seed chooses the same
 * examples here and in lm-evaluation-harness. The Mersenne Twister MT19937 of Matsumoto and
 * Nishimura 1998, seeded by their {@code init_by_array}.
 */
final class PythonRandom {
  private static final int N = 624;
  private static final int M = 397;

  private final int[] state = new int[N];
  private int index = N;

  /**
   * @param seed from 0 to 2^32 − 1
   */
  PythonRandom(long seed) {
    state[0] = 19650218;
    for (int i = 1; i < N; i++) {
      state[i] = 1812433253 * (state[i - 1] ^ state[i - 1] >>> 30) + i;
    }
    int i = 1;
    for (int k = N; k > 0; k--) {
      state[i] = (state[i] ^ (state[i - 1] ^ state[i - 1] >>> 30) * 1664525) + (int) seed;
      i = next(i);
    }
    for (int k = N - 1; k > 0; k--) {
      state[i] = (state[i] ^ (state[i - 1] ^ state[i - 1] >>> 30) * 1566083941) - i;
      i = next(i);
    }
    state[0] = 0x80000000;
  }

  private int next(int i) {
    if (i + 1 < N) {
      return i + 1;
    }
    state[0] = state[N - 1];
    return 1;
  }

  private int word() {
    if (index == N) {
      for (int k = 0; k < N; k++) {
        int y = state[k] & 0x80000000 | state[(k + 1) % N] & 0x7fffffff;
        state[k] = state[(k + M) % N] ^ y >>> 1 ^ ((y & 1) == 0 ? 0 : 0x9908b0df);
      }
      index = 0;
    }
    int y = state[index++];
    y ^= y >>> 11;
    y ^= y << 7 & 0x9d2c5680;
    y ^= y << 15 & 0xefc60000;
    return y ^ y >>> 18;
  }

  /** From 0 to {@code n} − 1, as {@code _randbelow_with_getrandbits}. */
  private int below(int n) {
    int bits = 32 - Integer.numberOfLeadingZeros(n);
    int drawn;
    do {
      drawn = word() >>> 32 - bits;
    } while (drawn < 0 || drawn >= n);
    return drawn;
  }

  /** {@code count} different ones of {@code n}, in the order in which they were drawn. */
  List<Integer> sample(int n, int count) {
    if (count < 0 || count > n) {
      throw new IllegalArgumentException("a sample of " + count + " from " + n);
    }
    long setSize = 21;
    if (count > 5) {
      setSize += Math.round(Math.pow(4, Math.ceil(Math.log(count * 3.0) / Math.log(4))));
    }
    List<Integer> drawn = new ArrayList<>(count);
    if (n <= setSize) {
      List<Integer> pool = new ArrayList<>(n);
      for (int i = 0; i < n; i++) {
        pool.add(i);
      }
      for (int i = 0; i < count; i++) {
        int j = below(n - i);
        drawn.add(pool.get(j));
        Collections.swap(pool, j, n - i - 1);
      }
      return drawn;
    }
    Set<Integer> seen = new HashSet<>();
    while (drawn.size() < count) {
      int j = below(n);
      if (seen.add(j)) {
        drawn.add(j);
      }
    }
    return drawn;
  }
}
