package dev.slipway.infer.grammar;

import java.util.List;
import tools.jackson.databind.JsonNode;

/** What a request may ask of the form of its answer. */
public sealed interface AnswerFormat {
  /** Any text. */
  record Text() implements AnswerFormat {}

  /** A JSON object, whatever is in it. */
  record JsonObject() implements AnswerFormat {}

  /** JSON that a schema accepts. */
  record JsonSchema(JsonNode schema) implements AnswerFormat {}

  /** A text that a regular expression matches as a whole. */
  record Regex(String expression) implements AnswerFormat {}

  /** One of these texts. */
  record Choice(List<String> texts) implements AnswerFormat {
    public Choice {
      texts = List.copyOf(texts);
    }
  }

  AnswerFormat TEXT = new Text();
}
