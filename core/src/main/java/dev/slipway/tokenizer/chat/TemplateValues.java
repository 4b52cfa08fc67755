package dev.slipway.tokenizer.chat;

import dev.slipway.tokenizer.jinja.Value;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** JSON as a template sees it. */
public final class TemplateValues {
  private TemplateValues() {}

  public static Value of(JsonNode node) {
    if (node.isObject()) {
      Value.Dict dict = new Value.Dict();
      node.properties().forEach(entry -> dict.put(entry.getKey(), of(entry.getValue())));
      return dict;
    }
    if (node.isArray()) {
      List<Value> items = new ArrayList<>();
      node.forEach(item -> items.add(of(item)));
      return Value.listOf(items);
    }
    if (node.isString()) {
      return Value.of(node.asString());
    }
    if (node.isBoolean()) {
      return Value.of(node.asBoolean());
    }
    if (node.isIntegralNumber()) {
      return new Value.Int(node.bigIntegerValue());
    }
    return node.isNumber() ? new Value.Real(node.doubleValue()) : Value.None.NONE;
  }
}
