package dev.slipway.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Finds added tokens in a text: the leftmost, and of those the longest. */
final class AddedTokens {
  private record Needle(byte[] bytes, int id) {}

  /** Where an added token was found. */
  record Match(int from, int to, int id) {}

  private final Needle[][] byFirstByte = new Needle[256][];
  private final boolean isEmpty;

  AddedTokens(List<BpeModel.AddedToken> tokens) {
    List<Needle> needles = new ArrayList<>();
    for (BpeModel.AddedToken token : tokens) {
      needles.add(new Needle(token.content().getBytes(StandardCharsets.UTF_8), token.id()));
    }
    needles.sort(Comparator.comparingInt((Needle needle) -> needle.bytes.length).reversed());
    for (int b = 0; b < 256; b++) {
      byte first = (byte) b;
      byFirstByte[b] =
          needles.stream().filter(needle -> needle.bytes[0] == first).toArray(Needle[]::new);
    }
    isEmpty = needles.isEmpty();
  }

  /** The first added token at or after a place; none is a match of nothing at the text's end. */
  Match next(byte[] text, int from) {
    for (int at = isEmpty ? text.length : from; at < text.length; at++) {
      for (Needle needle : byFirstByte[text[at] & 0xFF]) {
        if (isAt(text, at, needle.bytes)) {
          return new Match(at, at + needle.bytes.length, needle.id);
        }
      }
    }
    return new Match(text.length, text.length, -1);
  }

  private static boolean isAt(byte[] text, int at, byte[] needle) {
    if (needle.length > text.length - at) {
      return false;
    }
    for (int i = 0; i < needle.length; i++) {
      if (text[at + i] != needle[i]) {
        return false;
      }
    }
    return true;
  }
}
