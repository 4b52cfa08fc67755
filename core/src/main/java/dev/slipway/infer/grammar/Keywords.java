package dev.slipway.infer.grammar;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Values of a schema's keywords, of the type that each must have. */
final class Keywords {
  private Keywords() {}

  static List<JsonNode> list(JsonNode schema, String keyword) {
    JsonNode value = schema.get(keyword);
    if (value == null) {
      return List.of();
    }
    if (!value.isArray()) {
      throw invalid(value, keyword, "a list");
    }
    List<JsonNode> all = new ArrayList<>();
    value.forEach(all::add);
    return all;
  }

  static Map<String, JsonNode> map(JsonNode schema, String keyword) {
    JsonNode value = schema.get(keyword);
    Map<String, JsonNode> all = new LinkedHashMap<>();
    if (value != null) {
      checked(value, keyword, JsonNode::isObject, "an object of schemas")
          .properties()
          .forEach(entry -> all.put(entry.getKey(), entry.getValue()));
    }
    return all;
  }

  static String string(JsonNode schema, String keyword) {
    return checked(schema.get(keyword), keyword, JsonNode::isString, "a text").stringValue();
  }

  static int count(JsonNode schema, String keyword, int otherwise) {
    JsonNode value = schema.get(keyword);
    if (value == null) {
      return otherwise;
    }
    checked(
        value,
        keyword,
        v ->
            v.isNumber()
                && v.decimalValue().stripTrailingZeros().scale() <= 0
                && v.decimalValue().signum() >= 0,
        "a whole number from 0 on");
    return value.decimalValue().min(BigDecimal.valueOf(Integer.MAX_VALUE)).intValueExact();
  }

  static @Nullable BigDecimal number(JsonNode schema, String keyword) {
    JsonNode value = schema.get(keyword);
    return value == null
        ? null
        : checked(value, keyword, JsonNode::isNumber, "a number").decimalValue();
  }

  static Decimals.@Nullable Bound bound(JsonNode schema, String keyword, boolean exclusive) {
    BigDecimal value = number(schema, keyword);
    return value == null ? null : new Decimals.Bound(value, exclusive);
  }

  static JsonNode checked(
      JsonNode value, String keyword, Predicate<JsonNode> holds, String expected) {
    if (!holds.test(value)) {
      throw invalid(value, keyword, expected);
    }
    return value;
  }

  static SlipwayException invalid(JsonNode came, String keyword, String expected) {
    String shown = Json.line(came);
    return Refusal.invalid(
        (keyword.isEmpty() ? "a schema" : "the schema's " + keyword)
            + " is "
            + (shown.length() > 60 ? shown.substring(0, 60) + "…" : shown)
            + ", expected "
            + expected,
        "correct the schema");
  }
}
