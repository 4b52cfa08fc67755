package dev.slipway.tokenizer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.BitSet;

/**
 * Whether every walk through a {@code precompiled_charsmap} stays inside of it: SentencePiece's
 * double array (a unit has a label, an offset and whether a leaf follows) and the texts that its
 * leaves point to. Hugging Face's library walks without looking.
 */
final class CharsMapCheck {
  private static final int LABEL = 1 << 31 | 0xFF;

  private final int[] units;
  private final byte[] texts;

  private CharsMapCheck(int[] units, byte[] texts) {
    this.units = units;
    this.texts = texts;
  }

  /**
   * @param encoded base64 of the array's size in bytes, the array and the texts
   */
  static boolean isSound(String encoded) {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(encoded);
    } catch (IllegalArgumentException e) {
      return false; // no base64
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (buffer.remaining() < 8) {
      return false;
    }
    int size = buffer.getInt();
    if (size < 4 || size % 4 != 0 || size > buffer.remaining()) {
      return false;
    }
    int[] units = new int[size / 4];
    buffer.asIntBuffer().get(units);
    buffer.position(buffer.position() + size);
    byte[] texts = new byte[buffer.remaining()];
    buffer.get(texts);
    return isUtf8(texts) && new CharsMapCheck(units, texts).isSound();
  }

  private static boolean isUtf8(byte[] texts) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(texts));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  private static long offset(int unit) {
    return (long) (unit >>> 10) << ((unit & 0x200) >>> 6);
  }

  private boolean isSound() {
    BitSet seen = new BitSet();
    ArrayDeque<Integer> open = new ArrayDeque<>();
    if (!isNode(offset(units[0]))) {
      return false;
    }
    open.add((int) offset(units[0]));
    while (!open.isEmpty()) {
      int node = open.remove();
      if (seen.get(node)) {
        continue;
      }
      seen.set(node);
      for (int label = 1; label < 256; label++) {
        int at = node ^ label;
        int unit = units[at];
        if ((unit & LABEL) != label) {
          continue;
        }
        long next = at ^ offset(unit);
        if (!isNode(next)) {
          return false;
        }
        boolean hasLeaf = (unit >>> 8 & 1) == 1;
        if (hasLeaf && !isText(units[(int) next] & Integer.MAX_VALUE)) {
          return false;
        }
        open.add((int) next);
      }
    }
    return true;
  }

  /** A node's units lie in one block of 256. */
  private boolean isNode(long at) {
    return (at | 0xFF) < units.length;
  }

  /** Whether a character begins there, or the texts end. */
  private boolean isText(int at) {
    return at == texts.length || at < texts.length && (texts[at] & 0xC0) != 0x80;
  }
}
