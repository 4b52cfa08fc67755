package dev.slipway.tokenizer.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.LlamaCppModels;
import dev.slipway.base.Hashing;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.tokenizer.jinja.TemplateException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Texts and refusals of real models' templates, equal to transformers': {@code
 * reference/chat_templates.py}.
 */
class PublishedTemplatesTest {
  private static final LocalDateTime NOW = LocalDateTime.of(2024, 2, 5, 15, 4, 9, 123_456_000);

  private static JsonNode fixture() throws IOException {
    try (InputStream in =
        new GZIPInputStream(
            Objects.requireNonNull(
                PublishedTemplatesTest.class.getResourceAsStream("templates.json.gz")))) {
      return Json.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8), "templates.json");
    }
  }

  @Test
  void everyTemplateGivesWhatTransformersGives() throws IOException, InterruptedException {
    Path folder = LlamaCppModels.folder().resolve("templates");
    JsonNode fixture = fixture();
    SequencedMap<String, String> tokens = new LinkedHashMap<>();
    fixture
        .path("tokens")
        .properties()
        .forEach(entry -> tokens.put(entry.getKey(), entry.getValue().asString()));
    List<String> wrong = new ArrayList<>();
    int compared = 0;
    for (Map.Entry<String, JsonNode> entry : fixture.path("templates").properties()) {
      Path file = folder.resolve(entry.getKey());
      assertThat(Hashing.sha256(file))
          .as(entry.getKey())
          .isEqualTo(entry.getValue().path("sha256").asString());
      ChatTemplate template =
          ChatTemplate.of(Files.readString(file, StandardCharsets.UTF_8), tokens);
      for (Map.Entry<String, JsonNode> result : entry.getValue().path("results").properties()) {
        JsonNode conversation = fixture.path("conversations").path(result.getKey());
        ObjectNode made = rendered(template, conversation);
        compared++;
        if (!made.equals(result.getValue())) {
          wrong.add(
              "%s, %s:\nexpected %s\nmade     %s"
                  .formatted(
                      entry.getKey(),
                      result.getKey(),
                      Json.line(result.getValue()),
                      Json.line(made)));
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(compared).isGreaterThan(60 * 8);
  }

  private static ObjectNode rendered(ChatTemplate template, JsonNode conversation) {
    ObjectNode made = Json.object();
    try {
      made.put("text", template.render(Conversation.of(conversation, "it"), NOW).text());
    } catch (SlipwayException e) {
      if (e.getCause() instanceof TemplateException own) {
        boolean tooDeep = own.kind().equals(TemplateException.LIMIT);
        made.put("error", tooDeep ? "RecursionError" : own.kind());
        made.put(
            "message",
            tooDeep
                ? "maximum recursion depth exceeded while calling a Python object"
                : own.getMessage());
      } else {
        made.put("error", e.code());
      }
    }
    return made;
  }
}
