package dev.slipway.infer.grammar;

import dev.slipway.base.Json;
import dev.slipway.infer.grammar.SchemaShape.Kind;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/** Whether equal values may come as different texts, white space apart. */
enum Spelling {
  /** In any way that JSON has. */
  FREE,
  /** In one; properties come as the one schema that speaks of them has them. */
  ORDERED,
  /** In one; properties come by name, since several schemas may speak of them. */
  SORTED;

  private static final int LONGEST = 400;

  /** That of a value which has one of these shapes. */
  Spelling of(List<SchemaShape> shapes) {
    return this == ORDERED && (several(shapes, Kind.OBJECT) || several(shapes, Kind.ARRAY))
        ? SORTED
        : this;
  }

  private static boolean several(List<SchemaShape> shapes, Kind kind) {
    long count =
        shapes.stream()
            .filter(
                shape ->
                    shape.values() == null
                        ? shape.kinds().contains(kind)
                        : shape.values().stream()
                            .anyMatch(kind == Kind.OBJECT ? JsonNode::isObject : JsonNode::isArray))
            .count();
    return count > 1;
  }

  /**
   * That of items which have to differ.
   *
   * @param several whether more than one schema speaks of them
   */
  Spelling ofItems(boolean several) {
    return several || this == SORTED ? SORTED : ORDERED;
  }

  /** A value's text. */
  String text(JsonNode value) {
    if (this == FREE) {
      return Json.line(value);
    }
    return switch (value.getNodeType()) {
      case NUMBER -> number(value.decimalValue());
      case STRING -> quoted(value.stringValue());
      case ARRAY ->
          StreamSupport.stream(value.spliterator(), false)
              .map(this::text)
              .collect(Collectors.joining(",", "[", "]"));
      case OBJECT ->
          value.properties().stream()
              .sorted(Map.Entry.comparingByKey()) // no schema has another order for it
              .map(entry -> quoted(entry.getKey()) + ":" + text(entry.getValue()))
              .collect(Collectors.joining(",", "{", "}"));
      default -> Json.line(value);
    };
  }

  private static String number(BigDecimal value) {
    BigDecimal stripped = value.stripTrailingZeros();
    return Math.abs(stripped.scale()) > LONGEST ? stripped.toString() : stripped.toPlainString();
  }

  /** A text's JSON string in the spelling of {@link Language#quoted}. */
  static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x20 || c == '"' || c == '\\') {
        quoted.append(Language.escape(c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }
}
