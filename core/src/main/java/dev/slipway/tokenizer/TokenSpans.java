package dev.slipway.tokenizer;

import java.util.Arrays;

/**
 * Ids of a text, and where in the text each of them stands.
 *
 * @param ids of the text alone
 * @param starts of the first {@code char} that a token covers, in part or whole
 * @param ends behind the last one
 */
public record TokenSpans(int[] ids, int[] starts, int[] ends) {
  /**
   * By the numbers of UTF-8 bytes that tokens cover.
   *
   * @param lengths a token each, their sum the text's bytes
   */
  static TokenSpans ofBytes(String text, int[] ids, int[] lengths) {
    int[] starts = new int[ids.length];
    int[] ends = new int[ids.length];
    int character = 0; // the one that holds the byte
    int begin = 0; // its first byte
    int at = 0;
    for (int i = 0; i < ids.length; i++) {
      while (character < text.length() && begin + bytes(text, character) <= at) {
        begin += bytes(text, character);
        character += chars(text, character);
      }
      starts[i] = character;
      at += lengths[i];
      int last = character;
      int lastBegin = begin;
      while (last < text.length() && lastBegin < at) {
        lastBegin += bytes(text, last);
        last += chars(text, last);
      }
      ends[i] = last;
    }
    return new TokenSpans(ids, starts, ends);
  }

  /** By places that are counted in code points. */
  static TokenSpans ofCodePoints(String text, int[] ids, int[] starts, int[] ends) {
    if (text.codePointCount(0, text.length()) == text.length()) {
      return new TokenSpans(ids, starts, ends);
    }
    int[] places = new int[text.length() + 1];
    int count = 0;
    for (int at = 0; at < text.length(); at += chars(text, at)) {
      places[count++] = at;
    }
    Arrays.fill(places, count, places.length, text.length());
    return new TokenSpans(ids, moved(starts, places), moved(ends, places));
  }

  private static int[] moved(int[] points, int[] places) {
    return Arrays.stream(points).map(point -> places[Math.min(point, places.length - 1)]).toArray();
  }

  private static int chars(String text, int at) {
    return Character.charCount(text.codePointAt(at));
  }

  private static int bytes(String text, int at) {
    int c = text.codePointAt(at);
    return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4; // a lone surrogate becomes U+FFFD
  }
}
