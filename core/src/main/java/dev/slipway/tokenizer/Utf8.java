package dev.slipway.tokenizer;

import java.nio.charset.StandardCharsets;

/** UTF-8 whose every malformed case is decided here, not by the platform. */
final class Utf8 {
  private static final char REPLACEMENT = '\uFFFD';

  private Utf8() {}

  /** The bytes of a text; a surrogate without its partner is written as U+FFFD. */
  static byte[] encode(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (isAscii(text, bytes)) {
      return bytes;
    }
    int i = firstUnpairedSurrogate(text, 0);
    if (i < 0) {
      return bytes;
    }
    StringBuilder repaired = new StringBuilder(text);
    for (; i >= 0; i = firstUnpairedSurrogate(text, i + 1)) {
      repaired.setCharAt(i, REPLACEMENT);
    }
    return repaired.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** The text, with U+FFFD in place of each surrogate without its partner. */
  static String wellFormed(String text) {
    return firstUnpairedSurrogate(text, 0) < 0
        ? text
        : new String(encode(text), StandardCharsets.UTF_8);
  }

  // A byte for each unit of the text: all are ASCII, or unpaired surrogates that getBytes made '?'.
  private static boolean isAscii(String text, byte[] bytes) {
    if (bytes.length != text.length()) {
      return false;
    }
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '?' && text.charAt(i) != '?') {
        return false;
      }
    }
    return true;
  }

  private static int firstUnpairedSurrogate(String text, int from) {
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        if (Character.isHighSurrogate(c)
            && i + 1 < text.length()
            && Character.isLowSurrogate(text.charAt(i + 1))) {
          i++;
        } else {
          return i;
        }
      }
    }
    return -1;
  }

  /** Length of the sequence that a lead byte of well-formed UTF-8 begins. */
  static int length(byte lead) {
    int b = lead & 0xFF;
    return b < 0x80 ? 1 : b < 0xE0 ? 2 : b < 0xF0 ? 3 : 4;
  }

  /** The code point at a place of well-formed UTF-8. */
  static int codePoint(byte[] bytes, int at) {
    int b = bytes[at] & 0xFF;
    if (b < 0x80) {
      return b;
    }
    if (b < 0xE0) {
      return (b & 0x1F) << 6 | (bytes[at + 1] & 0x3F);
    }
    if (b < 0xF0) {
      return (b & 0x0F) << 12 | (bytes[at + 1] & 0x3F) << 6 | (bytes[at + 2] & 0x3F);
    }
    return (b & 0x07) << 18
        | (bytes[at + 1] & 0x3F) << 12
        | (bytes[at + 2] & 0x3F) << 6
        | (bytes[at + 3] & 0x3F);
  }

  /**
   * Appends the text of the bytes and returns where an unfinished sequence at the end begins, or
   * {@code to}. Each maximal part that can begin no character becomes one U+FFFD (Unicode 16.0,
   * section 3.9, "U+FFFD Substitution of Maximal Subparts"; as Rust's {@code from_utf8_lossy}).
   */
  static int decode(byte[] bytes, int from, int to, StringBuilder text) {
    int i = from;
    while (i < to) {
      int lead = bytes[i] & 0xFF;
      if (lead < 0x80) {
        text.append((char) lead);
        i++;
        continue;
      }
      int length = lead < 0xC2 || lead > 0xF4 ? 0 : length(bytes[i]);
      if (length == 0) {
        text.append(REPLACEMENT);
        i++;
        continue;
      }
      int good = 1;
      while (good < length && i + good < to && continues(lead, good, bytes[i + good] & 0xFF)) {
        good++;
      }
      if (good == length) {
        text.appendCodePoint(codePoint(bytes, i));
      } else if (i + good == to) {
        return i;
      } else {
        text.append(REPLACEMENT);
      }
      i += good;
    }
    return to;
  }

  /** The text of the bytes, an unfinished sequence at the end as one U+FFFD. */
  static String decode(byte[] bytes, int from, int to) {
    StringBuilder text = new StringBuilder(to - from);
    if (decode(bytes, from, to, text) < to) {
      text.append(REPLACEMENT);
    }
    return text.toString();
  }

  // Unicode 16.0, table 3-7: the second byte's range depends on the first.
  private static boolean continues(int lead, int index, int b) {
    if (index == 1) {
      int low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
      int high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
      return b >= low && b <= high;
    }
    return b >= 0x80 && b <= 0xBF;
  }
}
