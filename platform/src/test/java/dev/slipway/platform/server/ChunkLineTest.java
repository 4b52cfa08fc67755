package dev.slipway.platform.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.base.Json;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

class ChunkLineTest {
  private static ObjectNode chunk(String text) {
    ObjectNode chunk = Json.object().put("id", "cmpl-1").put("model", "a \"model\"");
    chunk.putArray("choices").addObject().put("text", text).putNull("finish_reason");
    return chunk;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " word",
        "\"",
        "a\\b\n\t\u0001\0",
        "\u00e9\u4f60\ud83d\ude00",
        "\ufffd",
        "\u007f"
      })
  void anEventIsWhatTheWholePieceWouldBe(String text) {
    byte[] expected = ("data: " + Json.line(chunk(text)) + "\n\n").getBytes(StandardCharsets.UTF_8);
    assertThat(ChunkLine.around(chunk(ChunkLine.MARK)).of(text)).isEqualTo(expected);
  }
}
