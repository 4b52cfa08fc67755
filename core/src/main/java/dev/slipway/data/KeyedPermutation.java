package dev.slipway.data;

/**
 * A pseudo-random permutation of 0 … size-1 that needs no memory: a Feistel network of six rounds
 * over the next even number of bits, and cycle walking back into the range (Black and Rogaway,
 * "Ciphers with Arbitrary Finite Domains", 2002, sections 3 and 4). The round function is
 * SplitMix64's finaliser (Steele, Lea, Flood, 2014). A good shuffle, no cipher.
 */
public final class KeyedPermutation {
  private static final int ROUNDS = 6;
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private final long size;
  private final int halfBits;
  private final long halfMask;
  private final long[] keys = new long[ROUNDS];

  /** Each (seed, stream) has its own permutation; an epoch is a stream. */
  public KeyedPermutation(long size, long seed, long stream) {
    if (size < 1) {
      throw new IllegalArgumentException("nothing to permute: size " + size);
    }
    this.size = size;
    int bits = Math.max(2, 64 - Long.numberOfLeadingZeros(size - 1));
    this.halfBits = (bits + 1) / 2;
    this.halfMask = (1L << halfBits) - 1;
    long key = mix(seed + GOLDEN) ^ stream;
    for (int round = 0; round < ROUNDS; round++) {
      key += GOLDEN;
      keys[round] = mix(key);
    }
  }

  /** Where {@code index} goes. */
  public long apply(long index) {
    if (index < 0 || index >= size) {
      throw new IndexOutOfBoundsException(index + " of " + size);
    }
    long value = index;
    do {
      value = feistel(value);
    } while (value >= size);
    return value;
  }

  /**
   * Where {@code from}, {@code from + 1} … go, as {@link #apply(long)} says for each. Round by
   * round over all of them, which a processor does many at a time.
   */
  public long[] apply(long from, int count) {
    if (from < 0 || count < 0 || from > size - count) {
      throw new IndexOutOfBoundsException(from + " … " + (from + count) + " of " + size);
    }
    long[] into = new long[count];
    int[] places = new int[count];
    long[] left = new long[count];
    long[] right = new long[count];
    for (int i = 0; i < count; i++) {
      places[i] = i;
      left[i] = (from + i) >>> halfBits;
      right[i] = (from + i) & halfMask;
    }
    int walking = count;
    while (walking > 0) {
      for (int round = 0; round < ROUNDS; round += 2) {
        round(left, right, walking, keys[round]);
        round(right, left, walking, keys[round + 1]);
      }
      int still = 0;
      for (int i = 0; i < walking; i++) {
        long value = left[i] << halfBits | right[i];
        if (value < size) {
          into[places[i]] = value;
        } else {
          places[still] = places[i];
          left[still] = left[i];
          right[still++] = right[i];
        }
      }
      walking = still;
    }
    return into;
  }

  private void round(long[] changed, long[] by, int count, long key) {
    for (int i = 0; i < count; i++) {
      changed[i] ^= mix(by[i] ^ key) & halfMask;
    }
  }

  private long feistel(long value) {
    long left = value >>> halfBits;
    long right = value & halfMask;
    for (long key : keys) {
      long next = left ^ (mix(right ^ key) & halfMask);
      left = right;
      right = next;
    }
    return left << halfBits | right;
  }

  private static long mix(long value) {
    long z = value;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
