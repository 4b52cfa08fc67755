package dev.slipway.platform.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.platform.engine.TokenBytes;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** What the chat completions endpoint answers, over real HTTP, to good and to bad requests. */
class ChatCompletionsTest {
  private static ModelServer server;
  private static Http http;

  @BeforeAll
  static void start() throws InterruptedException {
    server = ModelServer.start(ServeOptions.DEFAULT.withPort(0), "toy", FakeEngine::new, List.of());
    server.awaitReady();
    http = new Http(server, "/v1/chat/completions");
  }

  @AfterAll
  static void stop() {
    http.close();
    server.close();
  }

  private static String body(String messages, String... more) {
    String rest = more.length == 0 ? "" : "," + String.join(",", more);
    return ("{'messages':" + messages + rest + "}").replace('\'', '"');
  }

  private static final String HI = "[{'role':'user','content':'hi'}]";

  @Test
  void answersAConversation() throws Exception {
    JsonNode answer = http.ask(body(HI, "'model':'toy'", "'temperature':0", "'max_tokens':4"));
    assertThat(answer.get("object").stringValue()).isEqualTo("chat.completion");
    assertThat(answer.get("id").stringValue()).matches("chatcmpl-[0-9a-z]{24}");
    JsonNode choice = answer.get("choices").get(0);
    assertThat(choice.get("message").toString())
        .isEqualTo("{\"role\":\"assistant\",\"content\":\"bcde\",\"refusal\":null}");
    assertThat(choice.get("finish_reason").stringValue()).isEqualTo("length");
    assertThat(choice.get("logprobs").isNull()).isTrue();
    // "user:hi|a" and the start token.
    assertThat(answer.get("usage").toString())
        .isEqualTo("{\"prompt_tokens\":10,\"completion_tokens\":4,\"total_tokens\":14}");
  }

  @Test
  void withoutALimitItGoesOnToTheEndOfTheContext() throws Exception {
    JsonNode usage = http.ask(body(HI, "'temperature':0")).get("usage");
    assertThat(usage.get("total_tokens").intValue()).isEqualTo(FakeEngine.CONTEXT);
    assertThat(
            http.ask(body(HI, "'max_completion_tokens':3", "'max_tokens':9"))
                .get("usage")
                .get("completion_tokens")
                .intValue())
        .isEqualTo(3);
  }

  @Test
  void partsOfTextAreOneText() throws Exception {
    String parts = "[{'type':'text','text':'h'},{'type':'text','text':'i'}]";
    JsonNode usage =
        http.ask(body("[{'role':'user','content':" + parts + "}]", "'max_tokens':1")).get("usage");
    assertThat(usage.get("prompt_tokens").intValue()).isEqualTo(10);
  }

  @Test
  void toolsAndVariablesReachTheTemplate() throws Exception {
    String tools = "'tools':[{'type':'function','function':{'name':'f'}}]";
    assertThat(promptTokens(HI, tools)).isEqualTo(12);
    assertThat(promptTokens(HI, tools, "'tool_choice':'none'")).isEqualTo(10);
    assertThat(promptTokens(HI, "'chat_template_kwargs':{'mood':'ok'}")).isEqualTo(12);
  }

  private static int promptTokens(String messages, String... more) throws Exception {
    String[] all = java.util.Arrays.copyOf(more, more.length + 1);
    all[more.length] = "'max_tokens':1";
    return http.ask(body(messages, all)).get("usage").get("prompt_tokens").intValue();
  }

  @Test
  void streamsWhatItAnswersWhole() throws Exception {
    String[] settings = {"'temperature':0", "'max_tokens':5", "'n':2"};
    JsonNode whole = http.ask(body(HI, settings));
    List<JsonNode> chunks =
        http.stream(
            body(
                HI,
                "'temperature':0",
                "'max_tokens':5",
                "'n':2",
                "'stream':true",
                "'stream_options':{'include_usage':true}"));
    for (int index = 0; index < 2; index++) {
      StringBuilder text = new StringBuilder();
      String role = "";
      String finish = "";
      for (JsonNode chunk : chunks) {
        assertThat(chunk.get("object").stringValue()).isEqualTo("chat.completion.chunk");
        for (JsonNode choice : chunk.get("choices")) {
          if (choice.get("index").intValue() == index) {
            role += choice.path("delta").path("role").asString("");
            text.append(choice.path("delta").path("content").asString(""));
            finish += choice.path("finish_reason").asString("");
          }
        }
      }
      assertThat(role).isEqualTo("assistant");
      assertThat(finish).isEqualTo("length");
      assertThat(text.toString())
          .isEqualTo(whole.get("choices").get(index).get("message").get("content").stringValue());
    }
    assertThat(chunks.getLast().get("usage")).isEqualTo(whole.get("usage"));
  }

  @Test
  void scoresItsTokens() throws Exception {
    JsonNode content =
        http.ask(
                body(
                    HI, "'max_tokens':2", "'temperature':0", "'logprobs':true", "'top_logprobs':2"))
            .get("choices")
            .get(0)
            .get("logprobs")
            .get("content");
    assertThat(content.size()).isEqualTo(2);
    assertThat(content.get(0).get("token").stringValue()).isEqualTo("b");
    assertThat(content.get(0).get("bytes").toString()).isEqualTo("[98]");
    assertThat(content.get(0).get("logprob").doubleValue()).isEqualTo(-0.5);
    assertThat(content.get(0).get("top_logprobs").size()).isEqualTo(2);
    assertThat(content.get(0).get("top_logprobs").get(1).get("logprob").doubleValue())
        .isEqualTo(-9999.0);
  }

  @Test
  void bytesOfTokensThatAreNoWholeCharacter() {
    assertThat(TokenBytes.of("bytes:\\xe2\\x80")).containsExactly(0xe2, 0x80);
    assertThat(TokenBytes.of("é")).containsExactly(0xc3, 0xa9);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '~',
      value = {
        "{}; messages; missing_required_parameter",
        "{'messages':'hi'}; messages; invalid_type",
        "{'messages':[]}; messages; chat.malformed",
        "{'messages':['hi']}; messages[0]; invalid_type",
        "{'messages':[{'content':'hi'}]}; messages[0].role; missing_required_parameter",
        "{'messages':[{'role':3,'content':'hi'}]}; messages[0].role; invalid_type",
        "{'messages':[{'role':'user'}]}; messages[0].content; missing_required_parameter",
        "{'messages':[{'role':'user','contents':'hi','content':null}]}; messages[0].content; missing_required_parameter",
        "{'messages':[{'role':'user','content':3}]}; messages[0].content; invalid_type",
        "{'messages':[{'role':'user','content':[{'type':'image_url'}]}]}; messages[0].content[0]; unsupported_content",
        "{'messages':[{'role':'system','content':'be good'}]}; messages; chat.refused",
        "{'messages':[{'role':'user','content':'hi'}],'max_token':3}; max_token; unknown_parameter",
        "{'messages':[{'role':'user','content':'hi'}],'max_tokens':0}; max_tokens; invalid_value",
        "{'messages':[{'role':'user','content':'hi'}],'max_tokens':100}; messages; context_length_exceeded",
        "{'messages':[{'role':'user','content':'hi'}],'top_logprobs':2}; top_logprobs; invalid_value",
        "{'messages':[{'role':'user','content':'hi'}],'response_format':{'type':'xml'}}; response_format.type; invalid_value",
        "{'messages':[{'role':'user','content':'hi'}],'response_format':{}}; response_format.type; missing_required_parameter",
        "{'messages':[{'role':'user','content':'hi'}],'max_tokens':'a','max_completion_tokens':3}; max_tokens; invalid_type",
        "{'messages':[{'role':'user','content':'hi'}],'tools':[{'type':'function','function':{'name':'f'}}],'tool_choice':{'type':'allowed_tools'}}; tool_choice.allowed_tools; invalid_type",
        "{'messages':[{'role':'user','content':'hi'}],'tool_choice':'required'}; tool_choice; invalid_value",
        "{'messages':[{'role':'user','content':'hi'}],'logit_bias':{'99999':3}}; logit_bias; invalid_value",
        "{'messages':[{'role':'user','content':'hi'}],'chat_template_kwargs':3}; chat_template_kwargs; invalid_type",
        "{'messages':[{'role':'user','content':'hi'}],'reasoning_effort':3}; reasoning_effort; invalid_type",
        "{'messages':[{'role':'user','content':'hi'}],'modalities':['audio']}; modalities; unsupported_parameter",
        "{'messages':[{'role':'user','content':'hi'}],'continue_final_message':true,'add_generation_prompt':true}; continue_final_message; invalid_value",
      })
  void refusesWhatItCanNotDo(String body, String param, String code) throws Exception {
    HttpResponse<String> response = http.post(body.replace('\'', '"'));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
    JsonNode error = Http.json(response.body()).get("error");
    assertThat(error.get("param").stringValue()).isEqualTo(param);
    assertThat(error.get("code").stringValue()).isEqualTo(code);
    assertThat(error.get("message").stringValue()).isNotBlank();
  }

  @Test
  void takesWhatItsClientsSendAndWhatChangesNothing() throws Exception {
    JsonNode plain = http.ask(body(HI, "'max_tokens':2", "'temperature':0"));
    JsonNode told =
        http.ask(
            body(
                HI,
                "'max_tokens':2",
                "'temperature':0",
                "'modalities':['text']",
                "'reasoning_effort':'low'",
                "'prompt_cache_key':'k'",
                "'safety_identifier':'s'",
                "'store':false",
                "'service_tier':'auto'"));
    assertThat(told.get("choices")).isEqualTo(plain.get("choices"));
  }

  @Test
  void anotherModelIsNotFound() throws Exception {
    HttpResponse<String> response = http.post(body(HI, "'model':'other'"));
    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(response.body()).contains("model_not_found", "toy");
  }
}
