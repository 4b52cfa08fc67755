package dev.slipway.tokenizer.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.base.Json;
import dev.slipway.tokenizer.jinja.Limits;
import dev.slipway.tokenizer.jinja.Rendered;
import dev.slipway.tokenizer.jinja.Template;
import dev.slipway.tokenizer.jinja.TemplateException;
import dev.slipway.tokenizer.jinja.Value;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What Jinja2 gives for small templates, a feature each: {@code reference/jinja_cases.py}. */
class JinjaCasesTest {
  private static final LocalDateTime NOW = LocalDateTime.of(2024, 2, 5, 15, 4, 9, 123_456_000);
  private static final JsonNode FIXTURE = fixture();
  private static final Map<String, Value> VARIABLES = variables();

  private static JsonNode fixture() {
    try (InputStream in =
        new GZIPInputStream(
            Objects.requireNonNull(
                JinjaCasesTest.class.getResourceAsStream("../jinja/cases.json.gz")))) {
      return Json.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8), "cases.json");
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Map<String, Value> variables() {
    Map<String, Value> variables = new TreeMap<>();
    FIXTURE
        .path("variables")
        .properties()
        .forEach(entry -> variables.put(entry.getKey(), TemplateValues.of(entry.getValue())));
    return variables;
  }

  private static ObjectNode rendered(String template) {
    ObjectNode result = Json.object();
    result.put("template", template);
    try {
      Rendered rendered = Template.parse(template).render(VARIABLES, NOW, Limits.USUAL);
      result.put("text", rendered.text());
      if (!rendered.generated().isEmpty()) {
        ArrayNode spans = result.putArray("spans");
        for (Rendered.Span span : rendered.generated()) {
          spans
              .addArray()
              .add(codePoints(rendered, span.start()))
              .add(codePoints(rendered, span.end()));
        }
      }
    } catch (TemplateException e) {
      result.put("error", e.kind());
      result.put("message", e.getMessage());
    }
    return result;
  }

  private static int codePoints(Rendered rendered, int chars) {
    return rendered.text().codePointCount(0, chars);
  }

  @Test
  void everyCaseIsRenderedAsJinja2RendersIt() {
    List<String> wrong = new ArrayList<>();
    for (JsonNode expected : FIXTURE.path("cases")) {
      ObjectNode made;
      try {
        made = rendered(expected.path("template").asString());
      } catch (RuntimeException e) {
        wrong.add(Json.line(expected) + "\n  threw " + e + " " + e.getStackTrace()[0]);
        continue;
      }
      if (!made.equals(expected)) {
        wrong.add(Json.line(expected) + "\n  made " + Json.line(made));
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void theLanguageOfTheMachineChangesNothing() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag("tr"));
      assertThat(
              rendered("{{ 'TITLE i'|lower ~ 'title'|upper ~ '%.1f' % 1.5 }}")
                  .path("text")
                  .asString())
          .isEqualTo("title iTITLE1.5");
    } finally {
      Locale.setDefault(before);
    }
  }
}
