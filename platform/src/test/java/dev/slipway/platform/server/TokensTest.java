package dev.slipway.platform.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** What {@code /tokenize} and {@code /detokenize} answer for a real tokenizer and template. */
class TokensTest {
  @TempDir static Path folder;
  private static ModelServer server;
  private static Http http;

  @BeforeAll
  static void serve() throws InterruptedException {
    server = TinyModel.serve(folder, ServeOptions.DEFAULT.withPort(0), List.of());
    server.awaitReady();
    http = new Http(server, "/tokenize");
  }

  @AfterAll
  static void stop() {
    http.close();
    server.close();
  }

  private static JsonNode back(JsonNode tokens) throws Exception {
    HttpResponse<String> response = http.post("/detokenize", "{\"tokens\":" + tokens + "}");
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return Http.json(response.body());
  }

  @Test
  void aTextBecomesTokensAndTheseTheText() throws Exception {
    JsonNode bare =
        http.ask(
            "{\"model\":\"tiny\",\"prompt\":\"int é\",\"add_special_tokens\":false,\"return_token_strs\":true}");
    assertThat(bare.get("count").intValue()).isEqualTo(bare.get("tokens").size());
    assertThat(bare.get("token_strs").size()).isEqualTo(bare.get("tokens").size());
    assertThat(bare.get("max_model_len").intValue()).isEqualTo(256);
    assertThat(back(bare.get("tokens")).toString()).isEqualTo("{\"prompt\":\"int é\"}");
    JsonNode led = http.ask("{\"prompt\":\"int é\"}");
    assertThat(led.get("count").intValue()).isEqualTo(bare.get("count").intValue() + 1);
    assertThat(led.get("token_strs").isNull()).isTrue();
    assertThat(back(led.get("tokens")).get("prompt").stringValue()).isEqualTo("<|endoftext|>int é");
  }

  @Test
  void theTokensAreThoseThatACompletionCounts() throws Exception {
    int count = http.ask("{\"prompt\":\"return size;\"}").get("count").intValue();
    String body = http.post("/v1/completions", "{\"prompt\":\"return size;\"}").body();
    assertThat(Http.json(body).get("usage").get("prompt_tokens").intValue()).isEqualTo(count);
  }

  @Test
  void aConversationGoesByTheTemplate() throws Exception {
    String hi = "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]";
    assertThat(back(http.ask(hi + "}").get("tokens")).get("prompt").stringValue())
        .isEqualTo("user: hi\nassistant:");
    assertThat(
            back(http.ask(hi + ",\"add_generation_prompt\":false}").get("tokens"))
                .get("prompt")
                .stringValue())
        .isEqualTo("user: hi\n");
    assertThat(
            back(http.ask(hi + ",\"add_special_tokens\":true}").get("tokens"))
                .get("prompt")
                .stringValue())
        .isEqualTo("<|endoftext|>user: hi\nassistant:");
    String chat = http.post("/v1/chat/completions", hi + ",\"max_tokens\":1}").body();
    assertThat(Http.json(chat).get("usage").get("prompt_tokens"))
        .isEqualTo(http.ask(hi + "}").get("count"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '~',
      value = {
        "/tokenize; {}; prompt; missing_required_parameter",
        "/tokenize; {'prompt':3}; prompt; invalid_type",
        "/tokenize; {'prompt':'a','add_special_token':true}; add_special_token; unknown_parameter",
        "/tokenize; {'prompt':'a','add_special_tokens':1}; add_special_tokens; invalid_type",
        "/tokenize; {'messages':'a'}; messages; invalid_type",
        "/tokenize; {'messages':[{'role':'user','content':'a'}],'add_generation_prompt':true,'continue_final_message':true}; messages; chat.malformed",
        "/detokenize; {}; tokens; missing_required_parameter",
        "/detokenize; {'tokens':'a'}; tokens; invalid_type",
        "/detokenize; {'tokens':[0,-1]}; tokens[1]; invalid_type",
        "/detokenize; {'tokens':[1000000]}; tokens[0]; invalid_type",
      })
  void refusesWhatIsWrong(String path, String body, String param, String code) throws Exception {
    HttpResponse<String> response = http.post(path, body.replace('\'', '"'));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
    JsonNode error = Http.json(response.body()).get("error");
    assertThat(error.get("param").stringValue()).isEqualTo(param);
    assertThat(error.get("code").stringValue()).isEqualTo(code);
  }

  @Test
  void aModelWithoutATemplateSaysSoAndNotWhereItLies() throws Exception {
    Path model = folder.resolve("plain");
    TinyModel.write(model, 7);
    Files.delete(model.resolve("chat_template.jinja"));
    try (ModelServer plain =
            ModelServer.start(
                ServeOptions.DEFAULT.withPort(0), "plain", () -> TinyModel.open(model), List.of());
        Http ask = new Http(plain)) {
      plain.awaitReady();
      String hi = "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
      for (String path : List.of("/v1/chat/completions", "/tokenize")) {
        HttpResponse<String> answer = ask.post(path, hi);
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body())
            .contains("chat.no-template", "/v1/completions")
            .doesNotContain(folder.toString(), "--text");
      }
    }
  }

  @Test
  void anotherModelIsNotFound() throws Exception {
    assertThat(http.post("{\"prompt\":\"a\",\"model\":\"other\"}").statusCode()).isEqualTo(404);
  }
}
