package dev.slipway.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * How a byte-level vocabulary spells bytes: printable Latin-1 characters stand for themselves, the
 * other bytes for the characters from U+0100 on (GPT-2's {@code bytes_to_unicode}).
 */
final class ByteAlphabet {
  private static final char[] CHARACTERS = new char[256];
  private static final int[] BYTES = new int[512];
  private static final int[] IN_ORDER;

  static {
    Arrays.fill(BYTES, -1);
    int other = 256;
    for (int b = 0; b < 256; b++) {
      boolean printable = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xFF && b != 0xAD);
      CHARACTERS[b] = (char) (printable ? b : other++);
      BYTES[CHARACTERS[b]] = b;
    }
    IN_ORDER = Arrays.stream(BYTES).filter(b -> b >= 0).toArray();
  }

  private ByteAlphabet() {}

  /** The 256 bytes in the order of the characters that spell them. */
  static int[] inOrder() {
    return IN_ORDER.clone();
  }

  static String spell(int unsignedByte) {
    return String.valueOf(CHARACTERS[unsignedByte]);
  }

  static String spell(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    char[] spelled = new char[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      spelled[i] = CHARACTERS[bytes[i] & 0xFF];
    }
    return new String(spelled);
  }

  /**
   * The bytes that a token stands for; a token with a character that spells no byte stands for its
   * own UTF-8, as in Hugging Face's ByteLevel decoder.
   */
  static byte[] bytes(String token) {
    byte[] bytes = new byte[token.length()];
    for (int i = 0; i < bytes.length; i++) {
      char c = token.charAt(i);
      if (c >= BYTES.length || BYTES[c] < 0) {
        return token.getBytes(StandardCharsets.UTF_8);
      }
      bytes[i] = (byte) BYTES[c];
    }
    return bytes;
  }
}
