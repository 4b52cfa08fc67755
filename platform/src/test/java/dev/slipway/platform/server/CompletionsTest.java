package dev.slipway.platform.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** What the completions endpoint answers, over real HTTP, to good and to bad requests. */
class CompletionsTest {
  private static ModelServer server;
  private static Http http;

  @BeforeAll
  static void start() throws InterruptedException {
    server =
        ModelServer.start(
            ServeOptions.DEFAULT.withPort(0).withMaxBodyBytes(4096),
            "toy",
            FakeEngine::new,
            List.of());
    server.awaitReady();
    http = new Http(server);
  }

  @AfterAll
  static void stop() {
    http.close();
    server.close();
  }

  @Test
  void completesAPrompt() throws Exception {
    JsonNode answer = http.ask("{'model':'toy','prompt':'abc','temperature':0}".replace('\'', '"'));
    assertThat(answer.get("object").stringValue()).isEqualTo("text_completion");
    assertThat(answer.get("id").stringValue()).matches("cmpl-[0-9a-z]{24}");
    assertThat(answer.get("model").stringValue()).isEqualTo("toy");
    assertThat(answer.get("created").longValue()).isPositive();
    JsonNode choice = answer.get("choices").get(0);
    assertThat(choice.get("text").stringValue()).isEqualTo("defghijklmnopqrs");
    assertThat(choice.get("finish_reason").stringValue()).isEqualTo("length");
    assertThat(choice.get("index").intValue()).isZero();
    assertThat(choice.get("logprobs").isNull()).isTrue();
    assertThat(answer.get("usage").toString())
        .isEqualTo("{\"prompt_tokens\":4,\"completion_tokens\":16,\"total_tokens\":20}");
  }

  @Test
  void takesAllFormsOfAPrompt() throws Exception {
    assertThat(texts("[97, 98]")).containsExactly("cd");
    assertThat(texts("[\"a\", \"x\"]")).containsExactly("bc", "yz");
    assertThat(texts("[[97], [120]]")).containsExactly("bc", "yz");
    assertThat(texts("\"\"")).hasSize(1);
  }

  @Test
  void givesSeveralChoicesInTheirOrder() throws Exception {
    JsonNode answer = http.ask(body("['a','x']", "'n':2,'seed':1,'max_tokens':2"));
    List<String> texts = texts(answer);
    assertThat(texts).hasSize(4);
    assertThat(texts.get(0)).isEqualTo(texts.get(2)).isNotEqualTo(texts.get(1));
    assertThat(answer.get("usage").get("completion_tokens").intValue()).isEqualTo(8);
    assertThat(answer.get("usage").get("prompt_tokens").intValue()).isEqualTo(4);
  }

  @Test
  void theSameSeedGivesTheSameAnswer() throws Exception {
    String body = body("'a'", "'seed':5");
    assertThat(texts(http.ask(body))).isEqualTo(texts(http.ask(body)));
    assertThat(texts(http.ask(body))).isNotEqualTo(texts(http.ask(body("'a'", "'seed':6"))));
  }

  @Test
  void stopsAtAStopStringAndLeavesItOut() throws Exception {
    JsonNode answer = http.ask(body("'a'", "'temperature':0,'stop':['zz','ef']"));
    assertThat(texts(answer)).containsExactly("bcd");
    assertThat(answer.get("choices").get(0).get("finish_reason").stringValue()).isEqualTo("stop");
    assertThat(texts(http.ask(body("'a'", "'temperature':0,'stop':'c'")))).containsExactly("b");
  }

  @Test
  void tellsLogprobsAndEchoesThePrompt() throws Exception {
    JsonNode answer =
        http.ask(body("'ab'", "'temperature':0,'logprobs':2,'echo':true,'max_tokens':2"));
    JsonNode choice = answer.get("choices").get(0);
    assertThat(choice.get("text").stringValue()).isEqualTo("abcd");
    JsonNode logprobs = choice.get("logprobs");
    assertThat(logprobs.get("tokens").toString()).isEqualTo("[\"a\",\"b\",\"c\",\"d\"]");
    assertThat(logprobs.get("token_logprobs").toString()).isEqualTo("[-1.5,-1.5,-0.5,-0.5]");
    assertThat(logprobs.get("text_offset").toString()).isEqualTo("[0,1,2,3]");
    assertThat(logprobs.get("top_logprobs").get(2).toString())
        .isEqualTo("{\"0\":-0.1,\"1\":-9999.0,\"c\":-0.5}");
  }

  @Test
  void scoresPromptIdsAsTheyAreSent() throws Exception {
    JsonNode answer = http.ask(body("[97, 98]", "'logprobs':0,'echo':true,'max_tokens':0"));
    JsonNode choice = answer.get("choices").get(0);
    assertThat(choice.get("text").stringValue()).isEqualTo("ab");
    assertThat(choice.get("logprobs").get("token_logprobs").toString()).isEqualTo("[null,-1.5]");
    assertThat(choice.get("logprobs").get("top_logprobs").get(0).isNull()).isTrue();
    assertThat(answer.get("usage").get("completion_tokens").intValue()).isZero();
  }

  @Test
  void streamsTheSameAnswerInPieces() throws Exception {
    List<JsonNode> chunks =
        http.stream(
            body(
                "'a'",
                "'temperature':0,'stream':true,'max_tokens':4,'echo':true,'logprobs':1,"
                    + "'stream_options':{'include_usage':true}"));
    StringBuilder text = new StringBuilder();
    for (JsonNode chunk : chunks.subList(0, chunks.size() - 1)) {
      assertThat(chunk.get("object").stringValue()).isEqualTo("text_completion");
      assertThat(chunk.get("id")).isEqualTo(chunks.getFirst().get("id"));
      assertThat(chunk.get("usage").isNull()).isTrue();
      text.append(chunk.get("choices").get(0).get("text").stringValue());
    }
    assertThat(text.toString()).isEqualTo("abcde");
    assertThat(chunks.size()).isGreaterThan(4);
    JsonNode last = chunks.get(chunks.size() - 2).get("choices").get(0);
    assertThat(last.get("finish_reason").stringValue()).isEqualTo("length");
    assertThat(chunks.getLast().get("choices").isEmpty()).isTrue();
    assertThat(chunks.getLast().get("usage").get("total_tokens").intValue()).isEqualTo(6);
    assertThat(chunks.get(2).get("choices").get(0).get("logprobs").get("text_offset").toString())
        .isEqualTo("[2]");
  }

  @Test
  void aStreamWithoutUsageHasNone() throws Exception {
    for (JsonNode chunk : http.stream(body("'a'", "'stream':true,'n':2,'max_tokens':2"))) {
      assertThat(chunk.has("usage")).isFalse();
      assertThat(chunk.get("choices").size()).isEqualTo(1);
    }
  }

  @Test
  void acceptsWhatChangesNothing() throws Exception {
    String harmless =
        "'best_of':1,'suffix':null,'logit_bias':{},'presence_penalty':0,'frequency_penalty':0.0,"
            + "'user':'me','stop':null,'seed':null,'logprobs':null,'top_k':-1,'n':null";
    assertThat(texts(http.ask(body("'a'", harmless)))).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          'max_tokens':'3'          | max_tokens        | 'max_tokens' is a string, expected an integer
          'max_tokens':-1           | max_tokens        | expected at least 0
          'max_tokens':2.5          | max_tokens        | is the number 2.5, expected an integer
          'max_tokens':99999999999  | max_tokens        | is 99999999999
          'max_tokens':62           | prompt            | maximum context length is 64 tokens
          'temperature':2.1         | temperature       | is 2.1, expected between 0 and 2
          'temperature':true        | temperature       | is true, expected a number
          'temperature':1e999       | temperature       | expected between 0 and 2
          'top_p':-0.1              | top_p             | expected between 0 and 1
          'top_k':-2                | top_k             | expected at least -1
          'min_p':2                 | min_p             | expected between 0 and 1
          'repetition_penalty':0    | repetition_penalty| is 0, expected between 0.01 and 100
          'n':0                     | n                 | is 0, expected between 1 and 128
          'n':33                    | n                 | is 33, expected at most 32 continuations
          'best_of':2               | best_of           | not supported
          'suffix':'x'              | suffix            | 'suffix' is not supported
          'presence_penalty':2.5    | presence_penalty  | is 2.5, expected between -2 and 2
          'frequency_penalty':'1'   | frequency_penalty | is a string, expected a number
          'logit_bias':{'5':101}    | logit_bias.5      | is 101, expected between -100 and 100
          'logit_bias':{'x':1}      | logit_bias.x      | names no token
          'logit_bias':{'99999':1}  | logit_bias        | names the token 99999, expected ids below
          'logit_bias':[1]          | logit_bias        | is an array, expected an object of numbers by token id
          'stream':1                | stream            | expected true or false
          'stream_options':{}       | stream_options    | goes only with
          'echo':'yes'              | echo              | expected true or false
          'logprobs':6              | logprobs          | expected between 0 and 5
          'stop':['a','b','c','d','e'] | stop           | has 5 strings, expected at most 4
          'stop':''                 | stop              | empty string
          'stop':[1]                | stop[0]           | is the integer 1, expected a string
          'seed':1.5                | seed              | expected an integer of 64 bits
          'max_token':5             | max_token         | did you mean 'max_tokens'?
          'wholly_unknown_thing':5  | wholly_unknown_thing | leave it out
          """)
  void namesTheFieldThatIsWrong(String field, String param, String sentence) throws Exception {
    refused(http.post(body("'abc'", field)), 400, param, sentence);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          5            | prompt       | expected a string, an array of strings
          []           | prompt       | is empty
          [[]]         | prompt[0]    | holds no token ids
          [1.5]        | prompt[0]    | expected a token id
          [-1]         | prompt[0]    | expected a token id
          [97, 1000]   | prompt[1]    | expected a token id below 1000
          ['a', 5]     | prompt[1]    | expected a string or an array of token ids
          {}           | prompt       | is an object
          null         | prompt       | you must provide 'prompt'
          '\\ud800'    | prompt       | half a surrogate pair
          """)
  void refusesWrongPrompts(String prompt, String param, String sentence) throws Exception {
    refused(http.post(body(prompt, "'n':1")), 400, param, sentence);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"model": "toy",          | not valid JSON at line 1
          {"model":"toy","prompt":"a","prompt":"b"} | not valid JSON
          {"model":"toy","prompt":"a"} x | not valid JSON
          [1]                       | the body is an array, expected a JSON object
          "text"                    | the body is a string
          null                      | the body is null
          ''                        | the body is empty
          '   '                     | the body is empty
          """)
  void refusesWhatIsNoJsonObject(String body, String sentence) throws Exception {
    refused(http.post(body), 400, null, sentence);
  }

  @Test
  void refusesInvalidUtf8() throws Exception {
    byte[] body = body("'?'", "'n':1").getBytes(StandardCharsets.ISO_8859_1);
    for (int i = 0; i < body.length; i++) {
      body[i] = body[i] == '?' ? (byte) 0xff : body[i];
    }
    refused(http.post("application/json", body), 400, null, "the body is not UTF-8");
  }

  @Test
  void refusesAnotherMediaType() throws Exception {
    byte[] body = body("'a'", "'n':1").getBytes(StandardCharsets.UTF_8);
    refused(http.post("text/plain", body), 415, null, "expected application/json");
    assertThat(http.post("application/json; charset=utf-8", body).statusCode()).isEqualTo(200);
  }

  @Test
  void refusesABodyThatIsTooLarge() throws Exception {
    String large = body("'" + "a".repeat(5000) + "'", "'n':1");
    refused(http.post(large), 413, null, "larger than the 4096 bytes");
    String chunked =
        "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n"
            + "1388\r\n"
            + " ".repeat(5000)
            + "\r\n0\r\n\r\n";
    assertThat(http.raw(chunked.getBytes(StandardCharsets.UTF_8)))
        .startsWith("HTTP/1.1 413")
        .contains("request_too_large");
  }

  /** Its sender has more to send, and would never close: the service does, which ends the text. */
  @Test
  void whatFollowsARefusedBodyIsNoRequest() throws Exception {
    String head =
        "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    String other = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for (String length : List.of("Content-Length: 99999999", "Transfer-Encoding: chunked")) {
      String body = length.startsWith("T") ? "1388\r\n" + " ".repeat(5000) + "\r\n" : "";
      String came =
          http.raw((head + length + "\r\n\r\n" + body + other).getBytes(StandardCharsets.UTF_8));
      assertThat(came).as(length).startsWith("HTTP/1.1 413").contains("request_too_large");
      assertThat(came.split("HTTP/1.1 ", -1)).as(length).hasSize(2);
    }
  }

  @Test
  void aBodyOfDeepNestingIsRefusedNotFatal() throws Exception {
    refused(http.post("[".repeat(2000)), 400, null, "not valid JSON");
  }

  @Test
  void anUnknownModelIsToldTheKnownOne() throws Exception {
    HttpResponse<String> response = http.post("{\"model\":\"gpt-9\",\"prompt\":\"a\"}");
    refused(response, 404, "model", "'gpt-9' does not exist; this service has 'toy'");
    assertThat(response.body()).contains("model_not_found");
    refused(http.post("{\"model\":1,\"prompt\":\"a\"}"), 400, "model", "expected a string");
    assertThat(http.ask("{\"prompt\":\"a\"}").get("model").stringValue())
        .as("the one that there is")
        .isEqualTo("toy");
  }

  @Test
  void aFaultInsideTheModelIsTheServicesAndItGoesOn() throws Exception {
    HttpResponse<String> response = http.post(body("'a!'", "'n':1"));
    assertThat(response.statusCode()).isEqualTo(500);
    assertThat(response.body()).contains("internal_error").doesNotContain("a fault inside");
    assertThat(http.post(body("'a!'", "'stream':true")).statusCode()).isEqualTo(500);
    assertThat(texts(http.ask(body("'a'", "'n':1")))).hasSize(1);
  }

  @Test
  void tellsItsModels() throws Exception {
    JsonNode model = Http.json(http.get("/v1/models").body()).get("data").get(0);
    assertThat(model.get("id").stringValue()).isEqualTo("toy");
    assertThat(model.get("owned_by").stringValue()).isEqualTo("slipway");
    assertThat(model.get("created").longValue()).isEqualTo(1_700_000_000);
    assertThat(model.get("tokenizer_fingerprint").stringValue()).isEqualTo(FakeEngine.FINGERPRINT);
    assertThat(Http.json(http.get("/v1/models/toy").body())).isEqualTo(model);
    refused(http.get("/v1/models/other"), 404, "model", "this service has 'toy'");
  }

  @Test
  void tellsItsHealthAndMetrics() throws Exception {
    assertThat(http.get("/health").body()).isEqualTo("{\"status\":\"ok\",\"model\":\"toy\"}");
    http.ask(body("'a'", "'n':1"));
    String metrics = http.get("/metrics").body();
    for (String name :
        List.of(
            "vllm:num_requests_running{model_name=\"toy\"}",
            "vllm:num_requests_waiting{model_name=\"toy\"}",
            "vllm:prompt_tokens_total{model_name=\"toy\"}",
            "vllm:generation_tokens_total{model_name=\"toy\"}",
            "vllm:request_success_total{finished_reason=\"length\",model_name=\"toy\"}",
            "vllm:time_to_first_token_seconds_bucket{model_name=\"toy\",le=\"0.1\"}",
            "vllm:inter_token_latency_seconds_count",
            "vllm:e2e_request_latency_seconds_sum",
            "vllm:request_queue_time_seconds_count",
            "vllm:request_generation_tokens_count",
            "slipway_http_requests_total{model_name=\"toy\",path=\"/v1/completions\"")) {
      assertThat(metrics).contains(name);
    }
  }

  @Test
  void unknownPathsAndMethodsAreToldPlainly() throws Exception {
    refused(http.get("/v1/nope"), 404, null, "there is no GET /v1/nope");
    HttpResponse<String> get = http.get("/v1/completions");
    refused(get, 405, null, "GET is not for /v1/completions, expected POST");
    assertThat(get.headers().firstValue("Allow")).hasValue("POST");
  }

  @Test
  void noOtherOriginIsInvited() throws Exception {
    HttpResponse<String> response = http.post(body("'a'", "'n':1"));
    assertThat(response.headers().map()).doesNotContainKey("access-control-allow-origin");
    assertThat(response.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
  }

  @Test
  void whatIsNoHttpGetsAnAnswerAndTheServiceGoesOn() throws Exception {
    String malformed = "GET /health HTTP/1.1\r\nHost: localhost\r\nno header\r\n\r\n";
    assertThat(http.raw(malformed.getBytes(StandardCharsets.US_ASCII)))
        .startsWith("HTTP/1.1 400")
        .contains("invalid_request");
    assertThat(http.raw("RUBBISH\r\n\r\n".getBytes(StandardCharsets.US_ASCII)))
        .startsWith("HTTP/1.1 400");
    assertThat(http.get("/health").statusCode()).isEqualTo(200);
  }

  private static void refused(
      HttpResponse<String> response, int status, @Nullable String param, String sentence) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
    JsonNode error = Http.json(response.body()).get("error");
    assertThat(error.get("message").stringValue()).contains(sentence);
    assertThat(error.get("type").stringValue()).isEqualTo("invalid_request_error");
    assertThat(error.get("code").stringValue()).isNotEmpty();
    if (param == null) {
      assertThat(error.get("param").isNull()).isTrue();
    } else {
      assertThat(error.get("param").stringValue()).isEqualTo(param);
    }
  }

  private static List<String> texts(String prompt) throws IOException, InterruptedException {
    return texts(http.ask(body(prompt, "'temperature':0,'max_tokens':2")));
  }

  private static List<String> texts(JsonNode answer) {
    return answer.get("choices").valueStream().map(c -> c.get("text").stringValue()).toList();
  }

  /** JSON with single quotes, which are easier to read here. */
  private static String body(String prompt, String fields) {
    return ("{'model':'toy','prompt':" + prompt + "," + fields + "}").replace('\'', '"');
  }
}
