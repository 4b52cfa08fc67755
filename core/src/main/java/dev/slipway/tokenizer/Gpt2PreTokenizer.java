package dev.slipway.tokenizer;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/**
 * Cuts text into the pieces within which tokens are merged. Equal to matching, one after the other,
 *
 * <pre>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</pre>
 *
 * which is the pattern of GPT-2 (Radford et al. 2019, {@code encoder.py}) and of Hugging Face's
 * ByteLevel. The classes of code points are those of Unicode 16.0, frozen in a resource, so that
 * the same text has the same tokens on every Java.
 */
final class Gpt2PreTokenizer {
  static final byte OTHER = 0;
  static final byte LETTER = 1;
  static final byte NUMBER = 2;
  static final byte WHITESPACE = 3;

  private static final byte[] CLASSES = readClasses();

  private Gpt2PreTokenizer() {}

  /** The class of a code point. */
  static byte classOf(int codePoint) {
    return CLASSES[codePoint];
  }

  /** Where the piece that begins at {@code from} of well-formed UTF-8 ends. */
  static int end(byte[] text, int from, int to) {
    byte first = text[from];
    int at = from;
    if (first == ' ') {
      if (from + 1 == to) {
        return to;
      }
      at++;
    } else if (first == '\'') {
      int end = contractionEnd(text, from, to);
      if (end > 0) {
        return end;
      }
    }
    byte kind = classAt(text, at);
    return kind == WHITESPACE ? whitespaceEnd(text, from, to) : runEnd(text, at, to, kind);
  }

  private static byte classAt(byte[] text, int at) {
    byte b = text[at];
    return CLASSES[b >= 0 ? b : Utf8.codePoint(text, at)];
  }

  private static int runEnd(byte[] text, int from, int to, byte kind) {
    int at = from;
    while (at < to && classAt(text, at) == kind) {
      byte b = text[at];
      at += b >= 0 ? 1 : Utf8.length(b);
    }
    return at;
  }

  // The last of several whitespace characters is left to the piece that follows, if one does.
  private static int whitespaceEnd(byte[] text, int from, int to) {
    int at = from;
    int last = from;
    while (at < to && classAt(text, at) == WHITESPACE) {
      last = at;
      at += Utf8.length(text[at]);
    }
    return at == to || last == from ? at : last;
  }

  private static int contractionEnd(byte[] text, int from, int to) {
    byte second = from + 1 < to ? text[from + 1] : 0;
    byte third = from + 2 < to ? text[from + 2] : 0;
    return switch (second) {
      case 's', 't', 'm', 'd' -> from + 2;
      case 'r', 'v' -> third == 'e' ? from + 3 : -1;
      case 'l' -> third == 'l' ? from + 3 : -1;
      default -> -1;
    };
  }

  private static byte[] readClasses() {
    byte[] classes = new byte[Character.MAX_CODE_POINT + 1];
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(
                    Gpt2PreTokenizer.class.getResourceAsStream("code-point-classes.txt")),
                StandardCharsets.US_ASCII))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("#")) {
          continue;
        }
        String[] fields = line.split(" ", 3);
        byte kind =
            switch (fields[0]) {
              case "L" -> LETTER;
              case "N" -> NUMBER;
              case "S" -> WHITESPACE;
              default -> throw new IllegalStateException("code-point-classes.txt: " + line);
            };
        int first = Integer.parseInt(fields[1], 16);
        int last = fields.length == 3 ? Integer.parseInt(fields[2], 16) : first;
        Arrays.fill(classes, first, last + 1, kind);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return classes;
  }
}
