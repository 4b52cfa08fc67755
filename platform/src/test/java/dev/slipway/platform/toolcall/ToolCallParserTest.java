package dev.slipway.platform.toolcall;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ToolCallParserTest {
  /** What it hears: text as it is, calls as {@code «name»arguments}. */
  private static final class Heard implements ToolCallParser.Sink {
    private final StringBuilder heard = new StringBuilder();

    @Override
    public void content(String text) {
      heard.append(text);
    }

    @Override
    public void call(String name) {
      heard.append('«').append(name).append('»');
    }

    @Override
    public void arguments(String more) {
      heard.append(more);
    }
  }

  private static String heard(ToolConvention convention, boolean opened, String text, int step) {
    Heard heard = new Heard();
    ToolCallParser parser =
        new ToolCallParser(convention, Set.of("f", "g")::contains, opened, heard);
    for (int at = 0; at < text.length(); at += step) {
      parser.feed(text.substring(at, Math.min(text.length(), at + step)), false);
    }
    parser.end();
    return heard.heard.toString();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "HERMES | No call here. | No call here.",
        "HERMES | 1 <tool 2 | 1 <tool 2",
        "HERMES | <tool_call>{\"name\":\"f\",\"arguments\":{\"a\":1}}</tool_call> | «f»{\"a\":1}",
        "HERMES | Let me. <tool_call> {\"name\": \"f\", \"arguments\": {\"a\": \"}\\\"{\"}} </tool_call> | Let me.«f»{\"a\": \"}\\\"{\"}",
        "HERMES | <tool_call>{\"name\":\"f\",\"arguments\":{}}</tool_call> <tool_call>{\"name\":\"h\",\"arguments\":{\"b\":[{}]}}</tool_call> | «f»{}«h»{\"b\":[{}]}",
        "HERMES | <tool_call>{\"arguments\":{\"a\":{\"b\":2}},\"name\":\"f\"}</tool_call>done | «f»{\"a\":{\"b\":2}}done",
        "HERMES | <tool_call>{\"name\":\"f\"}</tool_call> | «f»{}",
        "HERMES | <tool_call>{\"name\":\"f\",\"arguments\":null}</tool_call> | «f»{}",
        "HERMES | <tool_call>{\"name\":\"f\",\"arguments\":\"{\\\"a\\\":1}\"}</tool_call> | «f»{\"a\":1}",
        "HERMES | <tool_call>none</tool_call> | <tool_call>none</tool_call>",
        "HERMES | <tool_call>{\"arguments\":{\"a\":1}}</tool_call> | <tool_call>{\"arguments\":{\"a\":1}}</tool_call>",
        "HERMES | <tool_call>{\"name\":\"f\",\"arguments\":{\"a\": | «f»{\"a\":",
        "HERMES | <tool_call>{\"name\":\"f | <tool_call>{\"name\":\"f",
        "LLAMA | {\"name\": \"f\", \"parameters\": {\"a\": 1}} | «f»{\"a\": 1}",
        "LLAMA | {\"type\": \"function\", \"name\": \"f\", \"parameters\": {\"a\": 1}} | «f»{\"a\": 1}",
        "LLAMA | {\"name\": \"f\", \"parameters\": {}}; {\"name\": \"g\", \"parameters\": {\"b\": true}} | «f»{}«g»{\"b\": true}",
        "LLAMA | {\"name\": \"Ann\", \"age\": 3} | {\"name\": \"Ann\", \"age\": 3}",
        "LLAMA | I have {\"name\": \"f\"} | I have {\"name\": \"f\"}",
        "MISTRAL | [TOOL_CALLS][{\"name\": \"f\", \"arguments\": {\"a\": 1}}, {\"name\": \"g\", \"arguments\": {}}] | «f»{\"a\": 1}«g»{}",
        "MISTRAL | [TOOL_CALLS]f[ARGS]{\"a\": 1} | «f»{\"a\": 1}",
        "MISTRAL | [TOOL_CALLS]f{\"a\": 1}[TOOL_CALLS]g{\"b\": {}} | «f»{\"a\": 1}«g»{\"b\": {}}",
        "MISTRAL | [1, 2] | [1, 2]",
      })
  void tellsCallsFromText(ToolConvention convention, String text, String expected) {
    assertThat(heard(convention, false, text, text.length())).isEqualTo(expected);
    if (!text.contains("}[TOOL_CALLS]")) {
      assertThat(heard(convention, false, text, 1)).isEqualTo(expected);
      assertThat(heard(convention, false, text, 3)).isEqualTo(expected);
    }
  }

  @Test
  void anOpenedAnswerIsACall() {
    String call = "{\"name\":\"f\",\"arguments\":{\"a\":1}}";
    assertThat(heard(ToolConvention.HERMES, true, call, 2)).isEqualTo("«f»{\"a\":1}");
    assertThat(heard(ToolConvention.MISTRAL, true, "[" + call + "]", 2)).isEqualTo("«f»{\"a\":1}");
  }

  @Test
  void aMarkerThatIsNoTextOpensCalls() {
    Heard heard = new Heard();
    ToolCallParser parser = new ToolCallParser(ToolConvention.MISTRAL, _ -> true, false, heard);
    parser.feed("Well.", false);
    parser.feed("", true);
    parser.feed("[{\"name\": \"f\", \"arguments\": {}}]", false);
    parser.end();
    assertThat(heard.heard.toString()).isEqualTo("Well.«f»{}");
  }

  @Test
  void spaceOfAnAnswerWithoutCallsStays() {
    assertThat(heard(ToolConvention.HERMES, false, " a \n b \n", 1)).isEqualTo(" a \n b \n");
    assertThat(heard(ToolConvention.LLAMA, false, " \n", 1)).isEqualTo(" \n");
  }

  @ParameterizedTest
  @CsvSource({
    "'{{ tools }} <tool_call>', HERMES",
    "'{{ tools }} [TOOL_CALLS]', MISTRAL",
    "'{{ tools }} <|python_tag|>', LLAMA",
    "'{{ messages }}',"
  })
  void theTemplateTells(String template, ToolConvention expected) {
    assertThat(ToolConvention.of(template)).isEqualTo(expected);
  }
}
