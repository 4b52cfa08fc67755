package dev.slipway.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What bytes the tokens of a {@code tokenizer.json} stand for, as its decoder says. */
enum ForeignTokenBytes {
  /** GPT-2's alphabet of bytes. */
  BYTE_LEVEL,
  /** SentencePiece: {@code ▁} is a blank, {@code <0x0A>} is one byte. */
  BYTE_FALLBACK,
  /** Tokens whose text depends on their neighbours, as WordPiece's. */
  NONE;

  private static final Pattern BYTE = Pattern.compile("<0x([0-9A-F]{2})>");

  static ForeignTokenBytes of(JsonNode root) {
    List<String> types =
        root.path("decoder").findValues("type").stream()
            .filter(JsonNode::isString)
            .map(JsonNode::stringValue)
            .toList();
    if (types.contains("ByteLevel")) {
      return BYTE_LEVEL;
    }
    return types.contains("ByteFallback")
            || types.contains("Metaspace")
            || types.contains("Replace")
        ? BYTE_FALLBACK
        : NONE;
  }

  byte @Nullable [] of(String token) {
    return switch (this) {
      case BYTE_LEVEL -> ByteAlphabet.bytes(token);
      case BYTE_FALLBACK -> {
        Matcher one = BYTE.matcher(token);
        yield one.matches()
            ? HexFormat.of().parseHex(one.group(1))
            : token.replace('\u2581', ' ').getBytes(StandardCharsets.UTF_8);
      }
      case NONE -> null;
    };
  }
}
