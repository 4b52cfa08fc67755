package dev.slipway.platform.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What score and rerank answer; a text's vector is its length and its first character. */
class SimilarityTest {
  private static ModelServer server;
  private static Http http;

  @BeforeAll
  static void start() throws InterruptedException {
    server =
        ModelServer.start(
            ServeOptions.DEFAULT.withPort(0),
            new Servable.Encoder("toy", EmbeddingsTest.Lengths::new),
            List.of());
    server.awaitReady();
    http = new Http(server, "/v1/score");
  }

  @AfterAll
  static void stop() {
    http.close();
    server.close();
  }

  private static double cosine(double a, double b, double c, double d) {
    return (a * c + b * d) / (Math.hypot(a, b) * Math.hypot(c, d));
  }

  @Test
  void scoresOneTextAgainstMany() throws Exception {
    JsonNode answer = http.ask("{\"model\":\"toy\",\"text_1\":\"abc\",\"text_2\":[\"abc\",\"z\"]}");
    assertThat(answer.get("id").stringValue()).startsWith("score-");
    assertThat(answer.get("object").stringValue()).isEqualTo("list");
    assertThat(answer.get("data").size()).isEqualTo(2);
    assertThat(answer.get("data").get(0).get("score").doubleValue()).isCloseTo(1, within(1e-9));
    JsonNode second = answer.get("data").get(1);
    assertThat(second.get("index").intValue()).isEqualTo(1);
    assertThat(second.get("object").stringValue()).isEqualTo("score");
    assertThat(second.get("score").doubleValue()).isCloseTo(cosine(3, 'a', 1, 'z'), within(1e-9));
    assertThat(answer.get("usage").toString())
        .isEqualTo("{\"prompt_tokens\":7,\"total_tokens\":7,\"completion_tokens\":0}");
  }

  @Test
  void scoresPairs() throws Exception {
    JsonNode data = http.ask("{\"text_1\":[\"a\",\"bb\"],\"text_2\":[\"c\",\"dd\"]}").get("data");
    assertThat(data.get(0).get("score").doubleValue())
        .isCloseTo(cosine(1, 'a', 1, 'c'), within(1e-9));
    assertThat(data.get(1).get("score").doubleValue())
        .isCloseTo(cosine(2, 'b', 2, 'd'), within(1e-9));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/rerank", "/v1/rerank", "/v2/rerank"})
  void ranksDocuments(String path) throws Exception {
    String body =
        "{\"model\":\"toy\",\"query\":\"aaaa\",\"documents\":[\"z\",{\"text\":\"aaab\"},\"aaaaaaaa\"],\"top_n\":2}";
    JsonNode answer = Http.json(http.post(path, body).body());
    assertThat(answer.get("id").stringValue()).startsWith("rerank-");
    JsonNode results = answer.get("results");
    assertThat(results.size()).isEqualTo(2);
    assertThat(results.get(0).toString())
        .startsWith("{\"index\":1,\"document\":{\"text\":\"aaab\"},\"relevance_score\":")
        .matches(".*:(1\\.0|0\\.9{10}.*)}");
    assertThat(results.get(1).get("relevance_score").doubleValue())
        .isLessThan(results.get(0).get("relevance_score").doubleValue());
    assertThat(answer.get("usage").get("total_tokens").intValue()).isEqualTo(17);
  }

  @Test
  void leavesDocumentsOutWhenAsked() throws Exception {
    String body = "{\"query\":\"a\",\"documents\":[\"z\"],\"return_documents\":false}";
    assertThat(http.post("/v1/rerank", body).body()).doesNotContain("document\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '~',
      value = {
        "/v1/score; {'text_2':'a'}; text_1; missing_required_parameter",
        "/v1/score; {'text_1':['a','b'],'text_2':['a']}; text_1; invalid_value",
        "/v1/score; {'text_1':'a','text_2':[]}; text_2; invalid_value",
        "/v1/score; {'text_1':'a','text_2':['']}; text_2[0]; invalid_value",
        "/v1/score; {'text_1':'a','text_2':[' ']}; text_2; tokenizer.no-tokens",
        "/v1/rerank; {'documents':['a']}; query; missing_required_parameter",
        "/v1/rerank; {'query':'a','documents':[{'txt':'a'}]}; documents[0].text; invalid_type",
        "/v1/rerank; {'query':'a','documents':['a'],'top_n':-1}; top_n; invalid_value",
        "/v1/rerank; {'query':'a','documents':['a'],'top':1}; top; unknown_parameter",
      })
  void refusesWhatIsWrong(String path, String body, String param, String code) throws Exception {
    HttpResponse<String> response = http.post(path, body.replace('\'', '"'));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
    JsonNode error = Http.json(response.body()).get("error");
    assertThat(error.get("param").stringValue()).isEqualTo(param);
    assertThat(error.get("code").stringValue()).isEqualTo(code);
  }
}
