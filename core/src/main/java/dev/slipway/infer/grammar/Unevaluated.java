package dev.slipway.infer.grammar;

import dev.slipway.base.Json;
import dev.slipway.infer.grammar.SchemaShape.Contains;
import dev.slipway.infer.grammar.SchemaShape.Members;
import dev.slipway.infer.grammar.SchemaShape.Tuple;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.BooleanNode;

/**
 * What {@code unevaluatedProperties} and {@code unevaluatedItems} say (JSON Schema 2020-12, core,
 * §11) of one shape of the schema that they stand in: all that spoke of a value is in the shape, so
 * that the rest is named by what it is not. Where a value has other shapes as well, more of it was
 * spoken of and less is asked: what is right by one shape is right.
 */
final class Unevaluated {
  private Unevaluated() {}

  /** A shape whose objects have other names than it speaks of only with values of a schema. */
  static SchemaShape properties(SchemaShape shape, JsonNode schema) {
    Map<String, JsonNode> names = new LinkedHashMap<>();
    Map<String, JsonNode> patterns = new LinkedHashMap<>();
    List<Members> objects = new ArrayList<>();
    for (Members members : shape.objects()) {
      if (!members.evaluates()) {
        objects.add(members);
        continue;
      }
      if (members.additional() != null) {
        return shape; // which speaks of all
      }
      members.properties().keySet().forEach(name -> names.put(name, BooleanNode.TRUE));
      members.patterns().keySet().forEach(pattern -> patterns.put(pattern, BooleanNode.TRUE));
      objects.add(members.open()); // that others may come is said now
    }
    objects.add(new Members(names, patterns, schema, null, Set.of(), 0, -1, true));
    return shape.withObjects(objects);
  }

  /**
   * A shape whose arrays have items that it does not speak of only of a schema.
   *
   * @param contained whether it speaks of what {@code contains} finds
   */
  static SchemaShape items(SchemaShape shape, JsonNode schema, boolean contained) {
    int first = 0;
    ArrayNode any = Json.array();
    for (Tuple tuple : shape.tuples()) {
      if (tuple.rest() != null) {
        return shape;
      }
      first = Math.max(first, tuple.first().size());
      Contains contains = tuple.contains();
      if (contained && contains != null && contains.evaluates()) {
        any.add(contains.schema());
      }
    }
    if (any.isEmpty()) {
      return shape.withTuple(Tuple.from(first, schema));
    }
    any.add(schema);
    return shape.withTuple(Tuple.from(first, Json.object().set("anyOf", any)));
  }
}
