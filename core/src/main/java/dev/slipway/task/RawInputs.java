package dev.slipway.task;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.base.binding.Nearest;
import dev.slipway.data.example.Field;
import dev.slipway.data.example.MemoryExamples;
import dev.slipway.data.example.Value;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a model is asked, as JSON or as a file's content. Problems are {@code
 * predict.field-missing}, {@code predict.field-unknown}, {@code predict.field-type}, {@code
 * predict.not-an-object} and {@code predict.content-unclear}.
 *
 * @param fields that every input has
 * @param ignored fields that an input may have, such as the target in a table
 */
record RawInputs(List<Field> fields, List<String> ignored) {
  /** Possessive: a text of digits alone costs one pass, not one for each of them. */
  private static final String NUMBER = "[-+]?+(\\d++(\\.\\d*+)?+|\\.\\d++)([eE][-+]?+\\d++)?+";

  RawInputs {
    fields = List.copyOf(fields);
    ignored = List.copyOf(ignored);
  }

  /** One input from an object with all fields; null stands for a missing value. */
  MemoryExamples.Row read(JsonNode input, String id) {
    if (!input.isObject()) {
      throw problem(
          "predict.not-an-object",
          "an input is " + kind(input) + ", expected an object with " + names(),
          "send " + Json.line(example()));
    }
    Map<String, Value> values = new LinkedHashMap<>();
    for (Field field : fields) {
      JsonNode node = input.get(field.name());
      if (node == null) {
        throw missing(field, input);
      }
      values.put(field.name(), value(field, node));
    }
    for (String name : input.propertyNames()) {
      if (!values.containsKey(name) && !ignored.contains(name)) {
        throw problem(
            "predict.field-unknown",
            "the input has a field " + name + ", which the model does not know",
            "leave it out; it takes " + names());
      }
    }
    return new MemoryExamples.Row(id, 0, values);
  }

  private SlipwayException missing(Field field, JsonNode input) {
    List<String> given =
        input.propertyNames().stream()
            .filter(name -> fields.stream().noneMatch(f -> f.name().equals(name)))
            .toList();
    return problem(
        "predict.field-missing",
        "the input has no " + field.name() + ", expected " + names(),
        Nearest.of(field.name(), given)
            .map(nearest -> "write " + field.name() + " in place of " + nearest)
            .orElse("give it, or null where its value is missing"));
  }

  private static Value value(Field field, JsonNode node) {
    if (node.isNull()) {
      return Value.Missing.INSTANCE;
    }
    return switch (field.kind()) {
      case NUMBER -> {
        if (node.isNumber()) {
          yield new Value.Number(node.asDouble());
        }
        if (node.isString() && node.asString().strip().matches(NUMBER)) {
          yield new Value.Number(Double.parseDouble(node.asString().strip()));
        }
        throw type(field, node, "a number");
      }
      case TEXT -> {
        if (node.isString()) {
          yield new Value.Text(node.asString());
        }
        if (node.isNumber()) {
          yield new Value.Number(node.asDouble());
        }
        if (node.isArray()) {
          yield labels(field, node);
        }
        throw type(field, node, "text");
      }
      case LABELS -> labels(field, node);
      case PICTURE, SOUND -> {
        if (!node.isString()) {
          throw type(field, node, "a file's content in Base64");
        }
        String text = node.asString();
        int comma = text.startsWith("data:") ? text.indexOf(',') + 1 : 0;
        try {
          yield new Value.Content(
              Base64.getDecoder().decode(text.substring(comma).replaceAll("\\s", "")));
        } catch (IllegalArgumentException e) {
          throw type(field, node, "a file's content in Base64");
        }
      }
    };
  }

  private static Value labels(Field field, JsonNode node) {
    if (!node.isArray()) {
      throw type(field, node, "a list of words");
    }
    List<String> labels = new ArrayList<>();
    for (JsonNode label : node) {
      if (!label.isString()) {
        throw type(field, label, "a word");
      }
      labels.add(label.asString());
    }
    return new Value.Labels(labels);
  }

  /** One input from the content of a file, where the model takes one text, picture or sound. */
  MemoryExamples.Row read(byte[] content, String id) {
    if (fields.size() != 1) {
      throw problem(
          "predict.content-unclear",
          "a file came, and the model takes " + names(),
          "send a JSON object with these fields");
    }
    Field field = fields.getFirst();
    Value value =
        switch (field.kind()) {
          case PICTURE, SOUND -> new Value.Content(content);
          case TEXT, LABELS -> new Value.Text(text(content));
          case NUMBER ->
              throw problem(
                  "predict.content-unclear",
                  "a file came, and the model takes a number " + field.name(),
                  "send a JSON object");
        };
    return new MemoryExamples.Row(id, content.length, Map.of(field.name(), value));
  }

  private static String text(byte[] content) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
    } catch (CharacterCodingException e) {
      throw new SlipwayException(
          Exit.INPUT,
          "predict.field-type",
          "the content is not UTF-8, expected text",
          "save it as UTF-8",
          e);
    }
  }

  /** A JSON Schema of an input. */
  ObjectNode schema() {
    ObjectNode schema = Json.object().put("type", "object");
    ObjectNode properties = schema.putObject("properties");
    ArrayNode required = schema.putArray("required");
    for (Field field : fields) {
      ObjectNode one = properties.putObject(field.name());
      ArrayNode types = one.putArray("type");
      types.add(
          switch (field.kind()) {
            case NUMBER -> "number";
            case LABELS -> "array";
            case TEXT, PICTURE, SOUND -> "string";
          });
      types.add("null");
      if (field.kind() == Field.Kind.PICTURE || field.kind() == Field.Kind.SOUND) {
        one.put("contentEncoding", "base64");
        one.put(
            "description",
            field.kind() == Field.Kind.PICTURE ? "a JPEG, PNG, GIF or BMP" : "a WAV or FLAC");
      }
      required.add(field.name());
    }
    return schema;
  }

  /** An input as it could be. */
  ObjectNode example() {
    ObjectNode example = Json.object();
    for (Field field : fields) {
      switch (field.kind()) {
        case NUMBER -> example.put(field.name(), 0.5);
        case TEXT -> example.put(field.name(), "some text");
        case LABELS -> example.putArray(field.name()).add("some").add("words");
        case PICTURE, SOUND -> example.put(field.name(), "<Base64>");
      }
    }
    return example;
  }

  private String names() {
    return TaskFitting.listed(fields.stream().map(Field::name).toList());
  }

  private static String kind(JsonNode node) {
    return node.getNodeType().name().toLowerCase(java.util.Locale.ROOT);
  }

  private static SlipwayException type(Field field, JsonNode node, String expected) {
    String came = node.toString();
    return problem(
        "predict.field-type",
        field.name()
            + " is "
            + (came.length() > 40 ? came.substring(0, 40) + "…" : came)
            + ", expected "
            + expected,
        "give " + expected + ", or null where it is missing");
  }

  private static SlipwayException problem(String code, String sentence, String fix) {
    return new SlipwayException(Exit.INPUT, code, sentence, fix);
  }
}
