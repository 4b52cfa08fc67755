package dev.slipway.platform.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.platform.engine.EmbedEngine;
import dev.slipway.platform.engine.Tokens;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What the embeddings endpoint answers, over real HTTP, to good and to bad requests. */
class EmbeddingsTest {
  private static ModelServer server;
  private static Http http;

  /** A text's vector is its length and its first character. */
  static final class Lengths implements EmbedEngine {
    private final Thread owner = Thread.currentThread();

    @Override
    public ObjectNode card() {
      return Json.object().put("dimensions", 2);
    }

    @Override
    public Tokens tokens() {
      return FakeEngine.TOKENS;
    }

    @Override
    public Embedded embed(List<String> texts) {
      assertThat(Thread.currentThread()).isSameAs(owner);
      if (texts.contains("!")) {
        throw new IllegalArgumentException("a fault inside the model");
      }
      if (texts.contains(" ")) {
        throw new SlipwayException(
            Exit.INPUT, "tokenizer.no-tokens", "text 1 comes to no tokens", "leave it out");
      }
      return new Embedded(
          texts.stream().map(text -> new float[] {text.length(), text.charAt(0)}).toList(),
          texts.stream().mapToInt(String::length).sum());
    }

    @Override
    public void close() {}
  }

  @BeforeAll
  static void start() throws InterruptedException {
    server =
        ModelServer.start(
            ServeOptions.DEFAULT.withPort(0), new Servable.Encoder("toy", Lengths::new), List.of());
    server.awaitReady();
    http = new Http(server, "/v1/embeddings");
  }

  @AfterAll
  static void stop() {
    http.close();
    server.close();
  }

  @Test
  void givesAVectorForEachText() throws Exception {
    assertThat(http.ask("{\"input\": [\"abc\", \"z\"]}").toString())
        .isEqualTo(
            "{\"object\":\"list\",\"model\":\"toy\",\"data\":["
                + "{\"object\":\"embedding\",\"index\":0,\"embedding\":[3.0,97.0]},"
                + "{\"object\":\"embedding\",\"index\":1,\"embedding\":[1.0,122.0]}],"
                + "\"usage\":{\"prompt_tokens\":4,\"total_tokens\":4}}");
    assertThat(http.ask("{\"input\": \"é\", \"model\": \"toy\"}").get("data").size()).isEqualTo(1);
    assertThat(
            Http.json(http.get("/v1/models").body()).get("data").get(0).get("dimensions").asInt())
        .isEqualTo(2);
  }

  @Test
  void base64HoldsTheSameNumbers() throws Exception {
    String text =
        http.ask("{\"input\": \"abc\", \"encoding_format\": \"base64\"}")
            .get("data")
            .get(0)
            .get("embedding")
            .stringValue();
    ByteBuffer bytes =
        ByteBuffer.wrap(Base64.getDecoder().decode(text)).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(List.of(bytes.getFloat(), bytes.getFloat())).containsExactly(3f, 97f);
    assertThat(bytes.hasRemaining()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '~',
      value = {
        "{}; 400; input; missing_required_parameter",
        "{'input': 3}; 400; input; invalid_type",
        "{'input': []}; 400; input; invalid_value",
        "{'input': ''}; 400; input; invalid_value",
        "{'input': [3, 4]}; 400; input[0]; invalid_type",
        "{'input': ' '}; 400; input; tokenizer.no-tokens",
        "{'input': 'a', 'dimensions': 1}; 400; dimensions; unsupported_parameter",
        "{'input': 'a', 'encoding_format': 'int8'}; 400; encoding_format; invalid_value",
        "{'input': 'a', 'modle': 'toy'}; 400; modle; unknown_parameter",
        "{'input': 'a', 'model': 'other'}; 404; model; model_not_found",
      })
  void refusesWhatItCanNotDo(String body, int status, String param, String code) throws Exception {
    HttpResponse<String> response = http.post(body.replace('\'', '"'));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    JsonNode error = Http.json(response.body()).get("error");
    assertThat(error.get("param").stringValue()).isEqualTo(param);
    assertThat(error.get("code").stringValue()).isEqualTo(code);
  }

  @Test
  void aFaultOfOneRequestIsItsOwn() throws Exception {
    assertThat(http.post("{\"input\": \"!\"}").statusCode()).isEqualTo(500);
    assertThat(http.post("{\"input\": \"a\"}").statusCode()).isEqualTo(200);
  }
}
