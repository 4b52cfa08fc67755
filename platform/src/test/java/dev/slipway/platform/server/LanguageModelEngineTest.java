package dev.slipway.platform.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.platform.engine.TokenBytes;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** A real, tiny, untrained model behind the service. */
class LanguageModelEngineTest {
  @TempDir static Path folder;
  private static ModelServer server;
  private static Http http;

  @BeforeAll
  static void serve() throws InterruptedException {
    server = TinyModel.serve(folder, ServeOptions.DEFAULT.withPort(0), List.of());
    server.awaitReady();
    http = new Http(server);
  }

  @AfterAll
  static void stop() {
    http.close();
    server.close();
  }

  @Test
  void completesTheSameTextEachTime() throws Exception {
    String body =
        "{\"prompt\":\"public int size() {\",\"max_tokens\":12,\"temperature\":1,\"seed\":3}";
    JsonNode answer = http.ask(body);
    String text = answer.get("choices").get(0).get("text").stringValue();
    assertThat(text).isNotEmpty();
    assertThat(http.ask(body).get("choices").get(0).get("text").stringValue()).isEqualTo(text);
    StringBuilder streamed = new StringBuilder();
    for (JsonNode chunk : http.stream(body.replace("\"seed\":3}", "\"seed\":3,\"stream\":true}"))) {
      streamed.append(chunk.get("choices").get(0).get("text").stringValue());
    }
    assertThat(streamed.toString()).isEqualTo(text);
  }

  @Test
  void goesOnWhereTheModelWouldEndIfItIsAsked() throws Exception {
    String body =
        "{\"prompt\":\"int a\",\"max_tokens\":5,\"temperature\":0,\"logit_bias\":{\"0\":100}";
    JsonNode ended = http.ask(body + "}");
    assertThat(ended.at("/choices/0/finish_reason").stringValue()).isEqualTo("stop");
    assertThat(ended.at("/usage/completion_tokens").intValue()).isZero();
    JsonNode gone = http.ask(body + ",\"ignore_eos\":true}");
    assertThat(gone.at("/choices/0/finish_reason").stringValue()).isEqualTo("length");
    assertThat(gone.at("/usage/completion_tokens").intValue()).isEqualTo(5);
  }

  @Test
  void stopTokensEndAnAnswerOnceItsLeastTokensCame() throws Exception {
    String body =
        "{\"prompt\":\"int a\",\"max_tokens\":6,\"temperature\":0,\"logit_bias\":{\"65\":100}";
    JsonNode free = http.ask(body + "}");
    assertThat(free.at("/usage/completion_tokens").intValue()).isEqualTo(6);
    JsonNode stopped = http.ask(body + ",\"stop_token_ids\":[65]}");
    assertThat(stopped.at("/choices/0/finish_reason").stringValue()).isEqualTo("stop");
    assertThat(stopped.at("/choices/0/text").stringValue()).isEmpty();
    String late = body + ",\"stop_token_ids\":[65],\"min_tokens\":4";
    JsonNode four = http.ask(late + "}");
    assertThat(four.at("/choices/0/finish_reason").stringValue()).isEqualTo("stop");
    assertThat(four.at("/usage/completion_tokens").intValue()).isEqualTo(4);
    StringBuilder streamed = new StringBuilder();
    for (JsonNode chunk : http.stream(late + ",\"stream\":true}")) {
      streamed.append(chunk.at("/choices/0/text").stringValue());
    }
    assertThat(streamed.toString()).isEqualTo(four.at("/choices/0/text").stringValue());
    JsonNode chat =
        Http.json(
            http.post(
                    "/v1/chat/completions",
                    late.replace(
                            "\"prompt\":\"int a\"",
                            "\"messages\":[{\"role\":\"user\",\"content\":\"int\"}]")
                        + "}")
                .body());
    assertThat(chat.at("/usage/completion_tokens").intValue()).isEqualTo(4);
    JsonNode form =
        http.ask(late + ",\"structured_outputs\":{\"choice\":[\"x\"]}}"); // the form ends it first
    assertThat(form.at("/choices/0/text").stringValue()).isEqualTo("x");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "\"stop_token_ids\": 3; stop_token_ids",
        "\"stop_token_ids\": [-1]; stop_token_ids[0]",
        "\"stop_token_ids\": [99999]; stop_token_ids",
        "\"min_tokens\": 7; min_tokens",
        "\"min_tokens\": -1; min_tokens"
      })
  void endsThatCanNotBeAreTheRequestsMistake(String field, String param) throws Exception {
    HttpResponse<String> response =
        http.post("/v1/completions", "{\"prompt\":\"int\",\"max_tokens\":6," + field + "}");
    assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
    assertThat(Http.json(response.body()).at("/error/param").stringValue()).isEqualTo(param);
  }

  @Test
  void goesOnWithinTheLastMessageIfItIsAsked() throws Exception {
    String body =
        "{\"messages\":[{\"role\":\"user\",\"content\":\"int\"},{\"role\":\"assistant\",\"content\":\" a\"}],"
            + "\"max_tokens\":1,\"temperature\":0";
    String path = "/v1/chat/completions";
    JsonNode answers = Http.json(http.post(path, body + "}").body());
    JsonNode goesOn = Http.json(http.post(path, body + ",\"continue_final_message\":true}").body());
    JsonNode text =
        Http.json(http.post("/tokenize", "{\"prompt\":\"user: int\\nassistant:  a\"}").body());
    assertThat(goesOn.at("/usage/prompt_tokens").intValue())
        .isLessThan(answers.at("/usage/prompt_tokens").intValue())
        .isBetween(text.get("count").intValue() - 1, text.get("count").intValue());
  }

  /** Special tokens are shown among the tokens, and stand in no text but the request's own. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "[65, 0, 66, 67];1;false",
        "[0, 65, 66];1;false",
        "\"int<|endoftext|> a\";1;true",
        "\"int a\";3;false"
      })
  void offsetsAreOfTheTextThatIsReturned(String prompt, int specials, boolean spelled)
      throws Exception {
    boolean generates = prompt.equals("\"int a\"");
    JsonNode choice =
        http.ask(
                "{\"prompt\":"
                    + prompt
                    + ",\"echo\":true,\"logprobs\":0,\"temperature\":0,\"ignore_eos\":true,"
                    + "\"logit_bias\":{\"0\":100},\"max_tokens\":"
                    + (generates ? 3 : 0)
                    + "}")
            .at("/choices/0");
    JsonNode tokens = choice.at("/logprobs/tokens");
    JsonNode offsets = choice.at("/logprobs/text_offset");
    int place = 0;
    int special = 0;
    for (int i = 0; i < tokens.size(); i++) {
      assertThat(offsets.get(i).intValue()).as("%d of %s", i, tokens).isEqualTo(place);
      boolean isSpecial = tokens.get(i).stringValue().equals("<|endoftext|>");
      special += isSpecial ? 1 : 0;
      place += isSpecial && !spelled ? 0 : tokens.get(i).stringValue().length();
    }
    assertThat(special).isEqualTo(specials);
    assertThat(place).isEqualTo(choice.get("text").stringValue().length());
  }

  @Test
  void scoresThePromptsOwnTokensWithoutTheStartToken() throws Exception {
    JsonNode answer =
        http.ask("{\"prompt\":\"int a é\",\"max_tokens\":0,\"echo\":true,\"logprobs\":3}");
    JsonNode choice = answer.get("choices").get(0);
    assertThat(choice.get("text").stringValue()).isEqualTo("int a é");
    JsonNode logprobs = choice.get("logprobs");
    int tokens = logprobs.get("tokens").size();
    assertThat(answer.get("usage").get("prompt_tokens").intValue()).isEqualTo(tokens + 1);
    for (int i = 0; i < tokens; i++) {
      assertThat(logprobs.get("token_logprobs").get(i).doubleValue()).isNegative();
      assertThat(logprobs.get("top_logprobs").get(i).size()).isBetween(3, 4);
    }
    assertThat(logprobs.get("tokens").toString()).doesNotContain("endoftext");
  }

  @Test
  void theLogprobOfAGeneratedTokenIsWhatScoringItGives() throws Exception {
    JsonNode generated =
        http.ask(
            "{\"prompt\":[0,50,60],\"max_tokens\":4,\"temperature\":0,\"logprobs\":0,\"echo\":true}");
    JsonNode logprobs = generated.get("choices").get(0).get("logprobs");
    assertThat(logprobs.get("token_logprobs").get(0).isNull()).isTrue();
    assertThat(logprobs.get("token_logprobs").size())
        .isEqualTo(3 + generated.get("usage").get("completion_tokens").intValue());
    JsonNode again =
        http.ask("{\"prompt\":[0,50,60],\"max_tokens\":4,\"temperature\":0,\"logprobs\":2}");
    JsonNode top = again.get("choices").get(0).get("logprobs");
    assertThat(top.get("token_logprobs").get(0).doubleValue())
        .isCloseTo(logprobs.get("token_logprobs").get(3).doubleValue(), within(1e-4));
  }

  @Test
  void bytesOfHalfACharacterAreToldAsBytes() {
    assertThat(TokenBytes.escaped("Ã")).isEqualTo("bytes:\\xc3");
    assertThat(TokenBytes.escaped("Ġâ")).isEqualTo("bytes:\\x20\\xe2");
    assertThat(TokenBytes.escaped("日")).isEqualTo("日");
  }

  @Test
  void aTopPOfZeroLeavesTheLikeliestToken() throws Exception {
    String rest = ",\"prompt\":\"for (int\",\"max_tokens\":6,\"seed\":1}";
    assertThat(http.ask("{\"top_p\":0,\"temperature\":1" + rest).get("choices").get(0).get("text"))
        .isEqualTo(http.ask("{\"temperature\":0" + rest).get("choices").get(0).get("text"));
  }

  @Test
  void tellsTheTokenizersOwnFingerprint() throws Exception {
    JsonNode card = Http.json(http.get("/v1/models").body()).get("data").get(0);
    assertThat(card.get("tokenizer_fingerprint").stringValue())
        .isEqualTo(dev.slipway.tokenizer.Tokenizers.open(folder.resolve("model")).fingerprint());
  }
}
