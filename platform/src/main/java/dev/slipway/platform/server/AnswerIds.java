package dev.slipway.platform.server;

import java.security.SecureRandom;

/** Names for answers that nobody can guess. */
final class AnswerIds {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final char[] ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz".toCharArray();
  private static final int LENGTH = 24;

  private AnswerIds() {}

  static String next(String prefix) {
    return next(prefix, LENGTH);
  }

  /**
   * @param length of what stands behind the prefix
   */
  static String next(String prefix, int length) {
    StringBuilder id = new StringBuilder(prefix);
    for (int i = 0; i < length; i++) {
      id.append(ALPHABET[RANDOM.nextInt(ALPHABET.length)]);
    }
    return id.toString();
  }
}
