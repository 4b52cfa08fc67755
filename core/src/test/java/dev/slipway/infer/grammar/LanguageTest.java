package dev.slipway.infer.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.automaton.Automaton;
import org.junit.jupiter.api.Test;

class LanguageTest {
  private static boolean takes(Automaton bytes, int... values) {
    int state = 0;
    for (int value : values) {
      state = bytes.step(state, value);
      if (state < 0) {
        return false;
      }
    }
    return bytes.isAccept(state);
  }

  @Test
  void takesEveryScalarValueInUtf8AndNothingElse() {
    Automaton bytes = Language.ANY_CHARACTER.bytes();
    for (int c = 0; c <= Character.MAX_CODE_POINT; c += c < 0x3000 ? 1 : 37) {
      if (c >= 0xD800 && c < 0xE000) {
        continue;
      }
      byte[] utf8 = Character.toString(c).getBytes(StandardCharsets.UTF_8);
      int[] values = new int[utf8.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = utf8[i] & 0xFF;
      }
      assertThat(takes(bytes, values)).as("U+%04X %s", c, new BytesRef(utf8)).isTrue();
    }
    assertThat(takes(bytes, 0xED, 0xA0, 0x80)).as("a surrogate").isFalse();
    assertThat(takes(bytes, 0xED, 0xBF, 0xBF)).as("a surrogate").isFalse();
    assertThat(takes(bytes, 0xC0, 0x80)).as("longer than it has to be").isFalse();
    assertThat(takes(bytes, 0xE0, 0x80, 0x80)).as("longer than it has to be").isFalse();
    assertThat(takes(bytes, 0xF0, 0x80, 0x80, 0x80)).as("longer than it has to be").isFalse();
    assertThat(takes(bytes, 0xF4, 0x90, 0x80, 0x80)).as("beyond Unicode").isFalse();
    assertThat(takes(bytes, 0x80)).as("a byte that continues").isFalse();
  }
}
