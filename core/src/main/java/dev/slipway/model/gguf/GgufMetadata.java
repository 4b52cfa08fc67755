package dev.slipway.model.gguf;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The metadata of a GGUF file. Keys that begin with a dot are those of the file's architecture.
 *
 * @param json values by key
 * @param name what the file is called in an error
 */
record GgufMetadata(JsonNode json, String name) {
  String architecture() {
    return text("general.architecture", "");
  }

  private String whole(String key) {
    return key.startsWith(".") ? architecture() + key : key;
  }

  JsonNode node(String key) {
    return json.path(whole(key));
  }

  boolean has(String key) {
    return !node(key).isMissingNode();
  }

  /** What is there, or null. */
  private @Nullable JsonNode checked(String key, Predicate<JsonNode> fits, String expected) {
    JsonNode node = node(key);
    if (node.isMissingNode()) {
      return null;
    }
    if (!fits.test(node)) {
      throw bad("has " + whole(key) + " " + shortened(node) + ", expected " + expected);
    }
    return node;
  }

  String text(String key, String otherwise) {
    JsonNode node = checked(key, JsonNode::isString, "a text");
    return node == null ? otherwise : node.stringValue();
  }

  boolean flag(String key, boolean otherwise) {
    JsonNode node = checked(key, JsonNode::isBoolean, "true or false");
    return node == null ? otherwise : node.booleanValue();
  }

  /** A whole number; of a list with one for each layer the one that all have. */
  @Nullable Integer numberOrNull(String key) {
    JsonNode node = node(key);
    if (node.isMissingNode()) {
      return null;
    }
    if (node.isArray() && !node.isEmpty()) {
      JsonNode first = node.get(0);
      for (JsonNode each : node) {
        if (!each.equals(first)) {
          throw new SlipwayException(
              Exit.INPUT,
              "model.unsupported-setting",
              name + " has a " + whole(key) + " that differs by layer, expected one for all layers",
              "choose a model without this setting");
        }
      }
      node = first;
    }
    if (!node.isIntegralNumber() || !node.canConvertToInt()) {
      throw bad("has " + whole(key) + " " + shortened(node) + ", expected a whole number");
    }
    return node.intValue();
  }

  int number(String key, int otherwise) {
    Integer number = numberOrNull(key);
    return number == null ? otherwise : number;
  }

  int required(String key) {
    Integer number = numberOrNull(key);
    if (number == null) {
      throw bad("has no " + whole(key) + ", expected a whole number");
    }
    return number;
  }

  double real(String key, double otherwise) {
    JsonNode node =
        checked(key, found -> found.isNumber() && Double.isFinite(found.doubleValue()), "a number");
    if (node == null) {
      return otherwise;
    }
    // Written as float32: its shortest decimal is what was meant, such as 1e-6.
    return node.isFloat() ? Double.parseDouble(Float.toString(node.floatValue())) : node.asDouble();
  }

  private static String shortened(JsonNode node) {
    String text = node.toString();
    return text.length() <= 60 ? text : text.substring(0, 60) + "…";
  }

  SlipwayException bad(String what) {
    return new SlipwayException(
        Exit.INPUT,
        "model.bad-config",
        name + " " + what,
        "take the file of another publisher, or convert the model anew");
  }
}
