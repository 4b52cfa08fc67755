package dev.slipway.platform.engine;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Bytes of tokens that are no whole characters, as their spellings tell them. */
public final class TokenBytes {
  private static final String PREFIX = "bytes:";
  private static final Pattern ESCAPED = Pattern.compile("bytes:(?:\\\\x[0-9a-f]{2})+");

  /** SentencePiece's tokens of one byte. */
  private static final Pattern BYTE = Pattern.compile("<0x([0-9A-F]{2})>");

  private TokenBytes() {}

  /**
   * A token that is no whole character, as OpenAI tells it: {@code bytes:\xe2\x80}; a spelling that
   * is not byte-level stays as it is.
   */
  public static String escaped(String token) {
    Matcher one = BYTE.matcher(token);
    if (one.matches()) {
      return PREFIX + "\\x" + one.group(1).toLowerCase(Locale.ROOT);
    }
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
  public static byte[] of(String shown) {
    if (!ESCAPED.matcher(shown).matches()) {
      return shown.getBytes(StandardCharsets.UTF_8);
    }
    String hex = shown.substring(PREFIX.length()).replace("\\x", "");
    return HexFormat.of().parseHex(hex);
  }
}
