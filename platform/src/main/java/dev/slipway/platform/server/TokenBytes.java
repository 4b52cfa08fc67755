package dev.slipway.platform.server;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;

/** Bytes of a byte-level token, whose spelling stands for each byte by one character. */
final class TokenBytes {
  private static final String PREFIX = "bytes:";

  private TokenBytes() {}

  /**
   * A token that is no whole character, as OpenAI tells it: {@code bytes:\xe2\x80}; a spelling that
   * is not byte-level stays as it is.
   */
  static String escaped(String token) {
    StringBuilder escaped = new StringBuilder(PREFIX);
    for (int i = 0; i < token.length(); i++) {
      int value = value(token.charAt(i));
      if (value < 0) {
        return token;
      }
      escaped.append(String.format(Locale.ROOT, "\\x%02x", value));
    }
    return escaped.toString();
  }

  /**
   * The byte that a character stands for in GPT-2's alphabet ({@code bytes_to_unicode}): printable
   * ones for themselves, the others in their order from U+0100 on; -1 for no byte.
   */
  private static int value(char c) {
    if (isPrintable(c)) {
      return c;
    }
    int hidden = 256;
    for (int value = 0; value < 256; value++) {
      if (!isPrintable(value) && hidden++ == c) {
        return value;
      }
    }
    return -1;
  }

  private static boolean isPrintable(int c) {
    return (c >= '!' && c <= '~') || (c >= 0xa1 && c <= 0xac) || (c >= 0xae && c <= 0xff);
  }

  /** The bytes of a token as a service shows it: of its text, or of its escapes. */
  static byte[] of(String shown) {
    if (!shown.startsWith(PREFIX)) {
      return shown.getBytes(StandardCharsets.UTF_8);
    }
    String hex = shown.substring(PREFIX.length()).replace("\\x", "");
    return HexFormat.of().parseHex(hex);
  }
}
