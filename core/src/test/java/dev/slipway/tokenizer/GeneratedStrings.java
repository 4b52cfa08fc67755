package dev.slipway.tokenizer;

import dev.slipway.base.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import tools.jackson.databind.JsonNode;

/** The strings that {@code reference/tokenizer.py} generates, by the same arithmetic. */
final class GeneratedStrings {
  private static final List<String> FRAGMENTS = fragments();

  private long state;

  GeneratedStrings(long seed) {
    state = seed;
  }

  static String resource(String name) {
    try (InputStream in =
        Objects.requireNonNull(GeneratedStrings.class.getResourceAsStream(name), name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static JsonNode json(String name) {
    return Json.parse(resource(name), name);
  }

  List<String> next(int count) {
    List<String> strings = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      strings.add(next());
    }
    return strings;
  }

  String next() {
    StringBuilder text = new StringBuilder();
    for (int parts = 1 + below(12); parts > 0; parts--) {
      appendPart(text);
    }
    return text.toString();
  }

  private void appendPart(StringBuilder text) {
    int kind = below(16);
    if (kind == 0) {
      int codePoint = below(0x110000 - 0x800);
      text.appendCodePoint(codePoint < 0xD800 ? codePoint : codePoint + 0x800);
      return;
    }
    String fragment = FRAGMENTS.get(below(FRAGMENTS.size()));
    text.append(fragment.repeat(kind == 1 ? 1 + below(40) : 1));
  }

  private int below(int bound) {
    state = state * 6364136223846793005L + 1442695040888963407L;
    return (int) ((state >>> 33) % bound);
  }

  private static List<String> fragments() {
    List<String> fragments = new ArrayList<>();
    json("fragments.json").forEach(fragment -> fragments.add(fragment.asString()));
    return fragments;
  }
}
