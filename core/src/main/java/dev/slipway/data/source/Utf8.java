package dev.slipway.data.source;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** UTF-8, strictly: nothing is replaced. */
public final class Utf8 {
  private Utf8() {}

  /** The text of these bytes, or null when they are not UTF-8. */
  public static @Nullable String decode(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    // The fast decoder puts U+FFFD for what it cannot read; only then is the strict one asked.
    if (text.indexOf('\uFFFD') < 0) {
      return text;
    }
    try {
      return strict().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  /** Whether the text has no half surrogate pair. */
  public static boolean isEncodable(String text) {
    return StandardCharsets.UTF_8.newEncoder().canEncode(text);
  }

  /** Where the first byte is that is no UTF-8, as a detail for the ledger. */
  public static String firstInvalid(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CoderResult result = strict().decode(in, CharBuffer.allocate(bytes.length), true);
    return result.isError() ? "invalid byte at " + in.position() : "";
  }

  private static CharsetDecoder strict() {
    return StandardCharsets.UTF_8
        .newDecoder()
        .onMalformedInput(CodingErrorAction.REPORT)
        .onUnmappableCharacter(CodingErrorAction.REPORT);
  }
}
