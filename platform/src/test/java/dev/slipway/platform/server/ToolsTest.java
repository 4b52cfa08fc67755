package dev.slipway.platform.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Calls of tools over real HTTP: those that a model chooses to make, and those it has to. */
class ToolsTest {
  private static final String CALLS =
      "I look. <tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Rome\"}}\n</tool_call>\n"
          + "<tool_call>\n{\"name\": \"time\", \"arguments\": {}}\n</tool_call>";

  /** With a reference within the parameters, as Pydantic writes them. */
  private static final String TOOLS =
      """
      "tools": [
        {"type": "function", "function": {"name": "weather", "parameters": {"type": "object",
          "properties": {"city": {"$ref": "#/$defs/City"}, "now": {"type": "boolean"}},
          "required": ["city", "now"], "additionalProperties": false,
          "$defs": {"City": {"enum": ["Rome", "Oslo"]}}}}},
        {"type": "function", "function": {"name": "time"}}]
      """;

  private static final String HI = "{\"messages\": [{\"role\": \"user\", \"content\": \"hi\"}], ";

  @TempDir static Path folder;
  private static ModelServer scripted;
  private static ModelServer real;
  private static Http script;
  private static Http tiny;

  @BeforeAll
  static void start() throws InterruptedException {
    ServeOptions options = ServeOptions.DEFAULT.withPort(0);
    scripted = ModelServer.start(options, "toy", () -> new FakeEngine(null, CALLS), List.of());
    real = TinyModel.serve(folder, options, List.of());
    scripted.awaitReady();
    real.awaitReady();
    script = new Http(scripted, "/v1/chat/completions");
    tiny = new Http(real, "/v1/chat/completions");
  }

  @AfterAll
  static void stop() {
    script.close();
    tiny.close();
    scripted.close();
    real.close();
  }

  private static String ask(String more) {
    return HI + TOOLS + ", \"max_tokens\": 900" + more + "}";
  }

  @Test
  void tellsWhatTheModelCalls() throws Exception {
    JsonNode choice = script.ask(ask("")).get("choices").get(0);
    JsonNode message = choice.get("message");
    assertThat(message.get("content").stringValue()).isEqualTo("I look.");
    JsonNode calls = message.get("tool_calls");
    assertThat(calls.size()).isEqualTo(2);
    assertThat(calls.get(0).get("id").stringValue()).matches("call_[0-9a-z]{24}");
    assertThat(calls.get(0).get("type").stringValue()).isEqualTo("function");
    assertThat(calls.get(0).get("function").toString())
        .isEqualTo("{\"name\":\"weather\",\"arguments\":\"{\\\"city\\\": \\\"Rome\\\"}\"}");
    assertThat(calls.get(1).get("function").toString())
        .isEqualTo("{\"name\":\"time\",\"arguments\":\"{}\"}");
  }

  @Test
  void oneCallIsOneWhereNoMoreAreWanted() throws Exception {
    JsonNode message =
        script.ask(ask(", \"parallel_tool_calls\": false")).get("choices").get(0).get("message");
    assertThat(message.get("tool_calls").size()).isEqualTo(1);
  }

  @Test
  void withoutToolsTheSameIsText() throws Exception {
    for (String body : List.of(HI + "\"max_tokens\": 900}", ask(", \"tool_choice\": \"none\""))) {
      JsonNode choice = script.ask(body).get("choices").get(0);
      assertThat(choice.get("message").get("content").stringValue()).isEqualTo(CALLS);
      assertThat(choice.get("message").has("tool_calls")).isFalse();
    }
  }

  /** Puts a stream's deltas together, as clients do. */
  private record Streamed(String content, Map<Integer, String> calls, String finish) {
    static Streamed of(List<JsonNode> chunks) {
      StringBuilder content = new StringBuilder();
      Map<Integer, String> calls = new TreeMap<>();
      List<String> finish = new ArrayList<>();
      for (JsonNode chunk : chunks) {
        for (JsonNode choice : chunk.get("choices")) {
          JsonNode delta = choice.get("delta");
          content.append(delta.path("content").asString(""));
          for (JsonNode call : delta.path("tool_calls")) {
            int index = call.get("index").intValue();
            assertThat(call.has("id")).isEqualTo(!calls.containsKey(index));
            calls.merge(
                index,
                call.path("function").path("name").asString("")
                    + call.path("function").path("arguments").asString(""),
                String::concat);
          }
          if (!choice.get("finish_reason").isNull()) {
            finish.add(choice.get("finish_reason").stringValue());
          }
        }
      }
      return new Streamed(content.toString(), calls, String.join(",", finish));
    }
  }

  @Test
  void streamsCallsAsDeltas() throws Exception {
    List<JsonNode> chunks = script.stream(ask(", \"stream\": true"));
    Streamed streamed = Streamed.of(chunks);
    assertThat(streamed.content()).isEqualTo("I look.");
    assertThat(streamed.calls()).isEqualTo(Map.of(0, "weather{\"city\": \"Rome\"}", 1, "time{}"));
    assertThat(
            chunks.stream()
                .filter(
                    chunk ->
                        chunk.get("choices").get(0).path("delta").path("tool_calls").size() > 0))
        .hasSizeGreaterThan(5);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5})
  void aRequiredCallFitsItsSchema(int seed) throws Exception {
    String more = ", \"tool_choice\": \"required\", \"seed\": " + seed;
    String body = ask(more).replace("900", "200");
    JsonNode choice = tiny.ask(body).get("choices").get(0);
    assertThat(choice.get("finish_reason").stringValue()).isEqualTo("tool_calls");
    assertThat(choice.get("message").get("content").isNull()).isTrue();
    JsonNode calls = choice.get("message").get("tool_calls");
    assertThat(calls.size()).isEqualTo(1);
    JsonNode function = calls.get(0).get("function");
    String name = function.get("name").stringValue();
    String arguments = function.get("arguments").stringValue();
    JsonNode said = Http.json(arguments);
    if (name.equals("weather")) {
      assertThat(said.propertyNames()).containsExactly("city", "now");
      assertThat(said.get("city").stringValue()).isIn("Rome", "Oslo");
      assertThat(said.get("now").isBoolean()).isTrue();
    } else {
      assertThat(name).isEqualTo("time");
      assertThat(said.isEmpty()).isTrue();
    }
    Streamed streamed =
        Streamed.of(tiny.stream(body.replace("\"seed\"", "\"stream\": true, \"seed\"")));
    assertThat(streamed.calls()).isEqualTo(Map.of(0, name + arguments));
    assertThat(streamed.finish()).isEqualTo("tool_calls");
  }

  @ParameterizedTest
  @ValueSource(strings = {"weather", "time"})
  void aNamedCallIsThatCall(String name) throws Exception {
    String choose = "{\"type\": \"function\", \"function\": {\"name\": \"" + name + "\"}}";
    JsonNode choice =
        tiny.ask(ask(", \"tool_choice\": " + choose).replace("900", "200")).get("choices").get(0);
    assertThat(choice.get("finish_reason").stringValue()).isEqualTo("stop");
    assertThat(
            choice
                .get("message")
                .get("tool_calls")
                .get(0)
                .get("function")
                .get("name")
                .stringValue())
        .isEqualTo(name);
  }

  private static String allowed(String mode, String name) {
    return ", \"tool_choice\": {\"type\": \"allowed_tools\", \"allowed_tools\": {\"mode\": \""
        + mode
        + "\", \"tools\": [{\"type\": \"function\", \"function\": {\"name\": \""
        + name
        + "\"}}]}}";
  }

  @ParameterizedTest
  @ValueSource(strings = {"weather", "time"})
  void someToolsAloneMayBeAllowed(String name) throws Exception {
    JsonNode message = script.ask(ask(allowed("auto", name))).at("/choices/0/message");
    assertThat(message.get("tool_calls").size()).isEqualTo(1);
    assertThat(message.at("/tool_calls/0/function/name").stringValue()).isEqualTo(name);
    String required = ask(allowed("required", name)).replace("900", "200");
    JsonNode choice = tiny.ask(required).at("/choices/0");
    assertThat(choice.at("/message/tool_calls/0/function/name").stringValue()).isEqualTo(name);
    assertThat(choice.get("finish_reason").stringValue()).isEqualTo("tool_calls");
    // The prompt tells of all tools, whichever may be called.
    assertThat(tiny.ask(required).at("/usage/prompt_tokens"))
        .isEqualTo(
            tiny.ask(ask(", \"tool_choice\": \"required\"").replace("900", "200"))
                .at("/usage/prompt_tokens"));
  }

  @Test
  void aConversationWithCallsGoesOn() throws Exception {
    String messages =
        """
        {"messages": [{"role": "user", "content": "hi"},
          {"role": "assistant", "content": null, "tool_calls": [{"id": "call_1", "type": "function",
            "function": {"name": "time", "arguments": "{}"}}]},
          {"role": "tool", "tool_call_id": "call_1", "content": "noon"}], "max_tokens": 3}
        """;
    assertThat(tiny.ask(messages).get("usage").get("completion_tokens").intValue()).isPositive();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '~',
      value = {
        "'tools': 3; tools",
        "'tools': [{'type': 'web'}]; tools[0]",
        "'tools': [{'type': 'function', 'function': {'name': 'a b'}}]; tools[0]",
        "'tools': [{'type': 'function', 'function': {'name': 'f', 'parameters': 3}}]; tools[0].function.parameters",
        "'tools': [{'type': 'function', 'function': {'name': 'f'}}, {'type': 'function', 'function': {'name': 'f'}}]; tools[1]",
        "'tool_choice': 'required'; tool_choice",
        "'tools': [{'type': 'function', 'function': {'name': 'f'}}], 'tool_choice': 'sometimes'; tool_choice",
        "'tools': [{'type': 'function', 'function': {'name': 'f'}}], 'tool_choice': {'type': 'function', 'function': {'name': 'g'}}; tool_choice",
        "'tools': [{'type': 'function', 'function': {'name': 'f'}}], 'tool_choice': {'type': 'allowed_tools', 'allowed_tools': {'mode': 'auto', 'tools': []}}; tool_choice",
        "'tools': [{'type': 'function', 'function': {'name': 'f'}}], 'tool_choice': {'type': 'allowed_tools', 'allowed_tools': {'mode': 'any', 'tools': [{'type': 'function', 'function': {'name': 'f'}}]}}; tool_choice",
        "'tools': [{'type': 'function', 'function': {'name': 'f'}}], 'tool_choice': {'type': 'allowed_tools', 'allowed_tools': {'mode': 'required', 'tools': [{'type': 'function', 'function': {'name': 'g'}}]}}; tool_choice",
        "'tools': [{'type': 'function', 'function': {'name': 'f'}}], 'tool_choice': 'required', 'response_format': {'type': 'json_object'}; tool_choice",
        "'tools': [{'type': 'function', 'function': {'name': 'f', 'parameters': {'not': {}}}}], 'tool_choice': 'required'; tools",
        "'messages': [{'role': 'assistant', 'tool_calls': 3}]; messages[0].tool_calls",
        "'messages': [{'role': 'assistant', 'tool_calls': [{'function': {'name': 'f', 'arguments': '{'}}]}]; messages[0].tool_calls[0].function.arguments",
      })
  void refusesWhatItCanNotDo(String fields, String param) throws Exception {
    String json = fields.replace('\'', '"');
    String body = json.contains("\"messages\"") ? "{" + json + "}" : HI + json + "}";
    HttpResponse<String> response = tiny.post(body);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
    assertThat(Http.json(response.body()).get("error").get("param").stringValue()).isEqualTo(param);
  }
}
