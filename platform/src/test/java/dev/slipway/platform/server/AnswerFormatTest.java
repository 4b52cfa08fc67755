package dev.slipway.platform.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.base.Json;
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

/** A real model that has learnt nothing, held to formats: what comes is chance but for its form. */
class AnswerFormatTest {
  private static final String CHAT = "{'messages':[{'role':'user','content':'hi'}],";
  private static final String SCHEMA =
      "'response_format':{'type':'json_schema','json_schema':{'name':'person','strict':true,'schema':"
          + "{'type':'object','properties':{'name':{'type':'string','pattern':'^[A-Z][a-z]{2,6}$'},"
          + "'age':{'type':'integer','minimum':0,'maximum':120},'role':{'enum':['admin','user']}},"
          + "'required':['name','age','role'],'additionalProperties':false}}}";

  @TempDir static Path folder;
  private static ModelServer server;
  private static Http http;

  @BeforeAll
  static void serve() throws InterruptedException {
    server = TinyModel.serve(folder, ServeOptions.DEFAULT.withPort(0), List.of());
    server.awaitReady();
    http = new Http(server, "/v1/chat/completions");
  }

  @AfterAll
  static void stop() {
    http.close();
    server.close();
  }

  private static JsonNode ask(String path, String body) throws Exception {
    HttpResponse<String> response = http.post(path, body.replace('\'', '"'));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return Json.parse(response.body(), "the answer");
  }

  private static void isPerson(String text) {
    JsonNode person = Json.parse(text, "the content");
    assertThat(person.propertyNames()).containsExactly("name", "age", "role");
    assertThat(person.get("name").stringValue()).matches("[A-Z][a-z]{2,6}");
    assertThat(person.get("age").intValue()).isBetween(0, 120);
    assertThat(person.get("role").stringValue()).isIn("admin", "user");
  }

  @Test
  void everyChoiceIsWhatTheSchemaAcceptsAndEndsByItself() throws Exception {
    JsonNode answer =
        ask("/v1/chat/completions", CHAT + "'n':4,'max_tokens':100,'seed':1," + SCHEMA + "}");
    assertThat(answer.get("choices").size()).isEqualTo(4);
    for (JsonNode choice : answer.get("choices")) {
      isPerson(choice.get("message").get("content").stringValue());
      assertThat(choice.get("finish_reason").stringValue()).isEqualTo("stop");
    }
  }

  @Test
  void aStreamIsHeldToItAsWell() throws Exception {
    StringBuilder text = new StringBuilder();
    String body = CHAT + "'max_tokens':100,'seed':2,'stream':true," + SCHEMA + "}";
    for (JsonNode chunk : http.stream(body.replace('\'', '"'))) {
      text.append(chunk.at("/choices/0/delta/content").asString(""));
    }
    isPerson(text.toString());
  }

  @Test
  void anyObjectParses() throws Exception {
    JsonNode answer =
        ask(
            "/v1/chat/completions",
            CHAT
                + "'max_tokens':110,'seed':3,'n':4,'response_format':{'type':'json_object'},'temperature':2}");
    for (JsonNode choice : answer.get("choices")) {
      String text = choice.get("message").get("content").stringValue();
      assertThat(text).startsWith("{");
      if (choice.get("finish_reason").stringValue().equals("stop")) {
        assertThat(Json.parse(text, "the content").isObject()).isTrue();
      }
    }
  }

  @Test
  void completionsFollowExpressionsAndChoices() throws Exception {
    JsonNode date =
        ask(
            "/v1/completions",
            "{'prompt':'int','max_tokens':30,'seed':4,'structured_outputs':{'regex':'[0-9]{4}-(0[1-9]|1[0-2])'}}");
    assertThat(date.at("/choices/0/text").stringValue()).matches("[0-9]{4}-(0[1-9]|1[0-2])");
    JsonNode choice =
        ask(
            "/v1/completions",
            "{'prompt':'int','max_tokens':30,'seed':5,'structured_outputs':{'choice':['positive','negative']}}");
    assertThat(choice.at("/choices/0/text").stringValue()).isIn("positive", "negative");
  }

  @Test
  void aSchemaMayComeAsItsText() throws Exception {
    JsonNode answer =
        ask(
            "/v1/completions",
            "{'prompt':'int','max_tokens':20,'seed':1,'structured_outputs':{'json':'{\\'enum\\': [\\'b\\']}'}}");
    assertThat(answer.at("/choices/0/text").stringValue()).isEqualTo("\"b\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '~',
      value = {
        "'response_format':{'type':'json_schema','json_schema':{'name':'x','schema':{'not':{}}}}; constraint.empty",
        "'response_format':{'type':'json_schema','json_schema':{'name':'x','schema':{'type':'strin'}}}; constraint.invalid",
        "'response_format':{'type':'json_schema'}; missing_required_parameter",
        "'response_format':'json'; invalid_type",
        "'response_format':{'type':'json_object'},'structured_outputs':{'regex':'a'}; invalid_value",
        "'structured_outputs':{}; invalid_value",
        "'structured_outputs':{'regex':'a','choice':['b']}; invalid_value",
        "'structured_outputs':{'grammar':'root ::= x'}; unknown_parameter",
        "'structured_outputs':{'choice':[]}; invalid_type",
        "'structured_outputs':{'json_object':false}; invalid_type",
        "'structured_outputs':{'json':'{'}; invalid_json",
        "'structured_outputs':{'regex':'(a(?=b))'}; constraint.unsupported",
        "'structured_outputs':{'regex':'((a{1,100}){1,100}){1,100}'}; constraint.too-large"
      })
  void whatCannotBeFollowedIsTheRequestsMistake(String field, String code) throws Exception {
    HttpResponse<String> response =
        http.post("/v1/chat/completions", (CHAT + field + "}").replace('\'', '"'));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
    JsonNode error = Json.parse(response.body(), "the answer").get("error");
    assertThat(error.get("code").stringValue()).isEqualTo(code);
    String named = field.substring(1, field.indexOf('\'', 1));
    if (!field.contains("},")) { // one of two is as wrong as the other
      assertThat(error.get("param").stringValue()).startsWith(named);
    }
  }
}
