package dev.slipway.base.binding;

import dev.slipway.base.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A JSON Schema (draft 2020-12) of a document, for editors that complete and check as one types.
 */
public final class JsonSchema {
  private static final String INTERPOLATED = "\\$\\{[^}]+\\}";

  /** Sealed types that hold themselves, by name: they are written once and referred to. */
  private final SequencedMap<String, Shape.OneOf> again = new LinkedHashMap<>();

  private JsonSchema() {}

  /**
   * @param id the schema's {@code $id}
   */
  public static ObjectNode of(Shape.Group document, String id, String title) {
    ObjectNode schema = Json.object();
    schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
    schema.put("$id", id);
    schema.put("title", title);
    JsonSchema writer = new JsonSchema();
    schema.setAll(writer.schema(document));
    ObjectNode definitions = Json.object();
    while (definitions.size() < writer.again.size()) {
      for (Map.Entry<String, Shape.OneOf> one : List.copyOf(writer.again.entrySet())) {
        if (!definitions.has(one.getKey())) {
          definitions.set(one.getKey(), writer.schema(one.getValue()));
        }
      }
    }
    if (!definitions.isEmpty()) {
      schema.set("$defs", definitions);
    }
    return schema;
  }

  private ObjectNode schema(Shape shape) {
    ObjectNode node = Json.object();
    switch (shape) {
      case Shape.Text(String pattern, String _) -> {
        node.put("type", "string");
        if (!pattern.isEmpty()) {
          node.put("pattern", pattern + "|" + INTERPOLATED);
        }
      }
      case Shape.Flag _ -> orInterpolated(node, "boolean");
      case Shape.Whole(long min, long max, boolean _) -> {
        orInterpolated(node, "integer");
        node.put("minimum", min);
        node.put("maximum", max);
      }
      case Shape.Decimal(double min, double max) -> {
        orInterpolated(node, "number");
        if (Double.isFinite(min)) {
          node.put("minimum", min);
        }
        if (Double.isFinite(max)) {
          node.put("maximum", max);
        }
      }
      case Shape.Word word -> {
        ArrayNode any = node.putArray("anyOf");
        for (Shape.Option option : word.options()) {
          any.add(constant(option.name(), option.doc()));
        }
      }
      case Shape.Quantity(ScalarType<?> type) -> {
        ArrayNode types = node.putArray("type").add("string");
        if (type.alsoNumber()) {
          types.add("number");
        }
        node.put("pattern", type.pattern() + "|" + INTERPOLATED);
      }
      case Shape.ListOf(Shape item) -> {
        node.put("type", "array");
        node.set("items", schema(item));
      }
      case Shape.AutoOf(Shape inner) ->
          node.putArray("anyOf").add(constant("auto", "Slipway chooses")).add(schema(inner));
      case Shape.NoneOr(Shape inner) ->
          node.putArray("anyOf").add(constant("none", "")).add(schema(inner));
      case Shape.Group group -> {
        return group(group);
      }
      case Shape.Again(Class<?> type, Supplier<Shape.OneOf> whole) -> {
        String name = Shapes.kebab(type.getSimpleName());
        again.putIfAbsent(name, whole.get());
        node.put("$ref", "#/$defs/" + name);
      }
      case Shape.OneOf oneOf -> {
        ArrayNode any = node.putArray("anyOf");
        for (Shape.Kind kind : oneOf.kinds()) {
          if (kind.group().hasDefaults()) {
            any.add(constant(kind.name(), kind.group().doc()));
          }
          ObjectNode one = any.addObject();
          one.put("type", "object");
          one.put("description", kind.group().doc());
          one.putObject("properties").set(kind.name(), group(kind.group()));
          one.putArray("required").add(kind.name());
          one.put("additionalProperties", false);
        }
      }
    }
    return node;
  }

  /** A record; where one value may stand for it, that too. */
  private ObjectNode group(Shape.Group group) {
    ObjectNode object = Json.object();
    object.put("type", "object");
    ObjectNode properties = object.putObject("properties");
    ArrayNode required = Json.array();
    for (Shape.Field field : group.fields()) {
      ObjectNode value = schema(field.shape());
      if (!field.doc().isEmpty()) {
        value.put("description", field.doc());
      }
      if (field.defaultYaml() == null) {
        required.add(field.key());
      } else {
        value.set("default", constantOf(field.defaultYaml()));
      }
      properties.set(field.key(), value);
    }
    if (!required.isEmpty()) {
      object.set("required", required);
    }
    object.put("additionalProperties", false);
    if (group.main().isEmpty()) {
      return object;
    }
    ObjectNode either = Json.object();
    either.putArray("anyOf").add(object).add(schema(group.main().get().shape()));
    return either;
  }

  private static ObjectNode constant(String word, String doc) {
    ObjectNode node = Json.object().put("const", word);
    return doc.isEmpty() ? node : node.put("description", doc);
  }

  private static void orInterpolated(ObjectNode node, String type) {
    node.putArray("type").add(type).add("string");
    node.put("pattern", INTERPOLATED);
  }

  /** A default's YAML as JSON. */
  private static JsonNode constantOf(String yaml) {
    return json(YamlReader.parse(yaml, "default").root());
  }

  private static JsonNode json(Node node) {
    return switch (node) {
      case Node.Scalar scalar when scalar.isNumber() -> Json.parse(scalar.text(), "default");
      case Node.Scalar scalar when scalar.isFlag() -> Json.parse(scalar.text(), "default");
      case Node.Scalar scalar -> Json.tree(scalar.text());
      case Node.Sequence sequence -> {
        ArrayNode array = Json.array();
        sequence.items().forEach(item -> array.add(json(item)));
        yield array;
      }
      case Node.Mapping mapping -> {
        ObjectNode object = Json.object();
        mapping.entries().forEach(e -> object.set(e.key(), json(e.value())));
        yield object;
      }
    };
  }
}
