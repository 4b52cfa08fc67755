package dev.slipway.platform.server;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Where the tokens of a text begin in it, in characters as Python counts them. A token that begins
 * within a character is said to begin where that character does, and one that adds nothing, such as
 * a special token that is left out, where the next one does. vLLM counts those as they are shown.
 */
final class TextOffsets {
  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPLACE)
          .onUnmappableCharacter(CodingErrorAction.REPLACE);

  /** The first bytes of a character that is not whole yet. */
  private byte[] unfinished = {};

  private int characters;

  /**
   * The place of the token that comes next.
   *
   * @param token what it adds to the text, in UTF-8
   */
  int next(byte[] token) {
    int place = characters;
    byte[] bytes = Arrays.copyOf(unfinished, unfinished.length + token.length);
    System.arraycopy(token, 0, bytes, unfinished.length, token.length);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length);
    decoder.reset().decode(in, out, false);
    unfinished = Arrays.copyOfRange(bytes, in.position(), bytes.length);
    out.flip();
    characters += Character.codePointCount(out, 0, out.length());
    return place;
  }
}
