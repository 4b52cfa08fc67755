package dev.slipway.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Breaks a valid file: the same seed and number always give the same bytes. Ours in place of
 * Jazzer, since the parsers are small, a broken length or a token of JSON in another's place finds
 * what there is, and a million files take minutes without instrumented classes.
 */
final class Mutation {
  private static final long[] NUMBERS = {
    0,
    1,
    -1,
    2,
    7,
    8,
    127,
    128,
    255,
    256,
    65_535,
    1 << 20,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    1L << 32,
    1L << 40,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    Long.MAX_VALUE / 8,
    -8
  };
  private static final String[] WORDS = {
    "null",
    "true",
    "{}",
    "[]",
    "\"\"",
    "-1",
    "0",
    "1e999",
    "1.5",
    "9223372036854775807",
    "99999999999999999999",
    "\"\\ud800\"",
    "\"BPE\"",
    "\"WordPiece\"",
    "\"Unigram\"",
    "\"F32\"",
    "\"BF16\"",
    "\"F8_E4M3\"",
    "[[[[[[[[",
    "{\"a\":",
    ",",
    ":",
    "\"",
    "]",
    "}",
    "\u0000",
    "[0,0]"
  };

  private Mutation() {}

  /**
   * @param seeds valid files
   * @param number which file of the seed's sequence
   */
  static byte[] file(List<byte[]> seeds, long seed, long number) {
    SplittableRandom random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + number);
    byte[] bytes = seeds.get(random.nextInt(seeds.size()));
    int changes = 1 + Math.min(random.nextInt(6), random.nextInt(6));
    for (int i = 0; i < changes; i++) {
      bytes = change(bytes, seeds, random);
    }
    return bytes;
  }

  private static byte[] change(byte[] bytes, List<byte[]> seeds, SplittableRandom random) {
    if (bytes.length == 0) {
      return word(random);
    }
    int at = place(bytes, random);
    int length = Math.min(bytes.length - at, 1 + random.nextInt(1 << random.nextInt(7)));
    return switch (random.nextInt(10)) {
      case 0, 1 -> flipped(bytes, at, random);
      case 2, 3 -> numbered(bytes, at, random);
      case 4 -> Arrays.copyOf(bytes, random.nextInt(bytes.length + 1)); // truncated
      case 5 -> spliced(bytes, at, at + length, new byte[0]); // a part left out
      case 6 -> spliced(bytes, at, at, Arrays.copyOfRange(bytes, at, at + length)); // twice
      case 7 -> spliced(bytes, at, at + random.nextInt(length + 1), word(random));
      case 8 -> token(bytes, random);
      default -> other(bytes, at, seeds.get(random.nextInt(seeds.size())), random);
    };
  }

  /** Mostly near the beginning, where headers are. */
  private static int place(byte[] bytes, SplittableRandom random) {
    return random.nextInt(random.nextInt(3) == 0 ? bytes.length : Math.min(bytes.length, 512));
  }

  private static byte[] word(SplittableRandom random) {
    return WORDS[random.nextInt(WORDS.length)].getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] flipped(byte[] bytes, int at, SplittableRandom random) {
    byte[] changed = bytes.clone();
    changed[at] ^= (byte) (random.nextBoolean() ? 1 << random.nextInt(8) : random.nextInt(256));
    return changed;
  }

  /** A number of 1, 2, 4 or 8 bytes, lowest first. */
  private static byte[] numbered(byte[] bytes, int at, SplittableRandom random) {
    byte[] changed = bytes.clone();
    long number = NUMBERS[random.nextInt(NUMBERS.length)] + random.nextInt(3) - 1;
    int width = 1 << random.nextInt(4);
    for (int i = 0; i < width && at + i < changed.length; i++) {
      changed[at + i] = (byte) (number >> 8 * i);
    }
    return changed;
  }

  private static byte[] spliced(byte[] bytes, int from, int to, byte[] middle) {
    byte[] changed = new byte[bytes.length - (to - from) + middle.length];
    System.arraycopy(bytes, 0, changed, 0, from);
    System.arraycopy(middle, 0, changed, from, middle.length);
    System.arraycopy(bytes, to, changed, from + middle.length, bytes.length - to);
    return changed;
  }

  /** What stands between two commas, colons or brackets becomes another word. */
  private static byte[] token(byte[] bytes, SplittableRandom random) {
    int from = place(bytes, random);
    while (from > 0 && !isMark(bytes[from - 1])) {
      from--;
    }
    int to = from;
    while (to < bytes.length && !isMark(bytes[to])) {
      to++;
    }
    return spliced(bytes, from, to, word(random));
  }

  private static boolean isMark(byte value) {
    return value == ',' || value == ':' || value == '[' || value == ']' || value == '}';
  }

  private static byte[] other(byte[] bytes, int at, byte[] from, SplittableRandom random) {
    int start = random.nextInt(from.length);
    int length = Math.min(from.length - start, 1 + random.nextInt(200));
    int to = Math.min(bytes.length, at + random.nextInt(length + 1));
    return spliced(bytes, at, to, Arrays.copyOfRange(from, start, start + length));
  }
}
