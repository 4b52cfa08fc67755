package dev.slipway.platform.server;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.infer.grammar.AnswerFormat;
import dev.slipway.infer.grammar.Constraint;
import dev.slipway.platform.engine.TextProcessor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What a request asks of the form of its answers: OpenAI's {@code response_format}, and vLLM's
 * {@code structured_outputs} for what OpenAI's has no words for.
 */
final class FormatReader {
  private static final String OPENAI = "response_format";
  private static final String VLLM = "structured_outputs";

  private FormatReader() {}

  static AnswerFormat read(RequestFields fields) {
    JsonNode openai = fields.field(OPENAI);
    JsonNode vllm = fields.field(VLLM);
    if (openai != null && vllm != null) {
      throw ApiProblem.invalid(
          VLLM,
          "invalid_value",
          "'" + VLLM + "' and '" + OPENAI + "' came together; leave one out");
    }
    return openai != null ? openai(openai) : vllm != null ? vllm(vllm) : AnswerFormat.TEXT;
  }

  /** What holds answers to it; a schema that can't be followed is the request's mistake. */
  static @Nullable Constraint constraint(TextProcessor engine, AnswerFormat format, String client) {
    try {
      return engine.constraint(format, client);
    } catch (SlipwayException e) {
      boolean texts = format instanceof AnswerFormat.Regex || format instanceof AnswerFormat.Choice;
      throw ApiProblem.invalid(texts ? VLLM : OPENAI, e.code(), String.valueOf(e.getMessage()));
    }
  }

  private static AnswerFormat openai(JsonNode format) {
    if (!format.isObject()) {
      throw RequestFields.wrongType(OPENAI, format, "an object");
    }
    JsonNode type = format.path("type");
    if (type.isMissingNode() || type.isNull()) {
      throw ApiProblem.invalid(
          OPENAI + ".type",
          "missing_required_parameter",
          "you must provide '" + OPENAI + ".type': text, json_object or json_schema");
    }
    return switch (type.asString("")) {
      case "text" -> AnswerFormat.TEXT;
      case "json_object" -> new AnswerFormat.JsonObject();
      case "json_schema" -> {
        JsonNode schema = format.path("json_schema").get("schema");
        if (schema == null) {
          throw ApiProblem.invalid(
              OPENAI + ".json_schema.schema",
              "missing_required_parameter",
              "you must provide '" + OPENAI + ".json_schema.schema'");
        }
        yield new AnswerFormat.JsonSchema(schema);
      }
      default ->
          throw ApiProblem.invalid(
              OPENAI + ".type",
              "invalid_value",
              "'"
                  + OPENAI
                  + ".type' is "
                  + RequestFields.shown(type.toString())
                  + ", expected text, json_object or json_schema");
    };
  }

  private static AnswerFormat vllm(JsonNode format) {
    List<Map.Entry<String, JsonNode>> kinds =
        format.isObject()
            ? format.properties().stream().filter(entry -> !entry.getValue().isNull()).toList()
            : List.of();
    if (kinds.size() != 1) {
      throw ApiProblem.invalid(
          VLLM,
          "invalid_value",
          "'"
              + VLLM
              + "' is "
              + RequestFields.shown(format.toString())
              + ", expected an object with one of json, json_object, regex and choice");
    }
    JsonNode value = kinds.getFirst().getValue();
    String path = VLLM + "." + kinds.getFirst().getKey();
    return switch (kinds.getFirst().getKey()) {
      case "json" -> new AnswerFormat.JsonSchema(schema(path, value));
      case "json_object" -> {
        if (!value.isBoolean() || !value.booleanValue()) {
          throw RequestFields.wrongType(path, value, "true");
        }
        yield new AnswerFormat.JsonObject();
      }
      case "regex" -> new AnswerFormat.Regex(RequestFields.string(path, value));
      case "choice" -> new AnswerFormat.Choice(texts(path, value));
      default ->
          throw ApiProblem.invalid(
              RequestFields.shown(path),
              "unknown_parameter",
              "unrecognized request argument '" + RequestFields.shown(path) + "'");
    };
  }

  /** A schema, which vLLM takes as its text, too. */
  private static JsonNode schema(String path, JsonNode value) {
    if (!value.isString()) {
      return value;
    }
    try {
      return Json.parse(value.stringValue(), path);
    } catch (SlipwayException e) {
      throw ApiProblem.invalid(path, "invalid_json", String.valueOf(e.getMessage()));
    }
  }

  private static List<String> texts(String path, @Nullable JsonNode value) {
    if (value == null || !value.isArray() || value.isEmpty()) {
      throw ApiProblem.invalid(
          path, "invalid_type", "'" + path + "' is not an array of strings, at least one");
    }
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < value.size(); i++) {
      texts.add(RequestFields.string(path + "[" + i + "]", value.get(i)));
    }
    return texts;
  }
}
