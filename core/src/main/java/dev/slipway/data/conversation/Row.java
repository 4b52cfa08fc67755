package dev.slipway.data.conversation;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A row of a data set whose columns are mapped, and the sentences where they don't fit. */
record Row(ObjectNode columns, String where, Path path, String setting) {
  /** A value that should be there is empty: the row is dropped, and the ledger says so. */
  static final class Missing extends Exception {
    private static final long serialVersionUID = 1;

    Missing(String column) {
      super("nothing in " + column);
    }
  }

  /** Roles as data sets spell them, as templates do. */
  private static final Map<String, String> ROLES =
      Map.ofEntries(
          Map.entry("system", "system"),
          Map.entry("developer", "developer"),
          Map.entry("user", "user"),
          Map.entry("human", "user"),
          Map.entry("prompter", "user"),
          Map.entry("assistant", "assistant"),
          Map.entry("gpt", "assistant"),
          Map.entry("chatgpt", "assistant"),
          Map.entry("bing", "assistant"),
          Map.entry("bard", "assistant"),
          Map.entry("bot", "assistant"),
          Map.entry("model", "assistant"),
          Map.entry("tool", "tool"),
          Map.entry("observation", "tool"),
          Map.entry("function_response", "tool"),
          Map.entry("ipython", "tool"));

  static Row of(byte[] content, String id, Path path, String setting) {
    JsonNode node = Json.parse(new String(content, StandardCharsets.UTF_8), id + " of " + path);
    if (node instanceof ObjectNode object) {
      return new Row(object, id, path, setting);
    }
    throw new IllegalArgumentException(id + " is no object");
  }

  boolean has(String... names) {
    for (String name : names) {
      if (!columns.has(name)) {
        return false;
      }
    }
    return true;
  }

  /** A column's value, or null where the row has none. */
  @Nullable JsonNode value(String name) {
    JsonNode value = columns.get(name);
    return value == null || value.isNull() ? null : value;
  }

  /** A text that must say something. */
  String text(String name) throws Missing {
    String text = optionalText(name);
    if (text.isBlank()) {
      throw new Missing(name);
    }
    return text;
  }

  /** A text, empty where the row has none. */
  String optionalText(String name) {
    JsonNode value = value(name);
    if (value == null) {
      return "";
    }
    if (!value.isString()) {
      throw wrong(name, value, "a text");
    }
    return value.stringValue();
  }

  /** A list of messages, or a text as the one message of a role. */
  ArrayNode messages(String name, String role) throws Missing {
    JsonNode value = value(name);
    if (value == null) {
      throw new Missing(name);
    }
    return value.isArray()
        ? messages(name, "role", "content")
        : Json.array().add(message(role, text(name)));
  }

  /** A list of messages. */
  ArrayNode messages(String name, String role, String content) throws Missing {
    JsonNode list = value(name);
    if (list == null) {
      throw new Missing(name);
    }
    if (!list.isArray()) {
      throw wrong(name, list, "a list of messages");
    }
    ArrayNode messages = Json.array();
    for (JsonNode each : list) {
      if (!(each instanceof ObjectNode object)
          || !object.path(role).isString()
          || !object.has(content) && !object.has("tool_calls")) {
        throw problem(
            "data.message-malformed",
            "has in %s a message %s, expected objects with %s and %s"
                .formatted(
                    name,
                    each.isObject() ? "with the keys " + keys(each) : shortened(each),
                    role,
                    content),
            each.isObject()
                ? suggestion(each, name)
                : "write {\"%s\": …, \"%s\": …}".formatted(role, content));
      }
      ObjectNode message = Json.object();
      message.put("role", role(object.path(role).stringValue(), name));
      JsonNode said = object.path(content);
      message.set("content", said.isMissingNode() ? Json.MAPPER.nullNode() : said);
      // What templates read beyond that, such as tool_calls, name and reasoning_content.
      object
          .properties()
          .forEach(
              entry -> {
                if (!entry.getKey().equals(role)
                    && !entry.getKey().equals(content)
                    && !entry.getValue().isNull()) {
                  message.set(entry.getKey(), entry.getValue());
                }
              });
      messages.add(message);
    }
    if (messages.isEmpty()) {
      throw new Missing(name);
    }
    return messages;
  }

  private String role(String given, String name) {
    String role = ROLES.get(given.toLowerCase(Locale.ROOT));
    if (role == null) {
      throw problem(
          "data.message-role",
          "has in %s a message of \"%s\", expected one of %s"
              .formatted(name, given, ROLES.keySet().stream().sorted().toList()),
          "rename the role in the data, or map the column that tells it");
    }
    return role;
  }

  static ObjectNode message(String role, String content) {
    return Json.object().put("role", role).put("content", content);
  }

  private String suggestion(JsonNode message, String name) {
    List<String> keys = keys(message);
    String role =
        keys.stream()
            .filter(k -> k.matches("role|from|speaker|author"))
            .findFirst()
            .orElse(keys.isEmpty() ? "ROLE" : keys.getFirst());
    String content =
        keys.stream()
            .filter(k -> k.matches("content|value|text|message"))
            .findFirst()
            .orElse(keys.size() < 2 ? "CONTENT" : keys.get(1));
    return "add `%s.format: {messages: {messages: %s, role: %s, content: %s}}` to the recipe"
        .formatted(setting, name, role, content);
  }

  private SlipwayException wrong(String name, JsonNode value, String expected) {
    return problem(
        "data.column-type",
        "has in the column %s %s, expected %s".formatted(name, shortened(value), expected),
        "name another column in " + setting + ".format");
  }

  SlipwayException problem(String code, String what, String fix) {
    return new SlipwayException(Exit.INPUT, code, "%s of %s %s".formatted(where, path, what), fix);
  }

  static List<String> keys(JsonNode object) {
    return List.copyOf(object.propertyNames());
  }

  private static String shortened(JsonNode node) {
    String text = Json.line(node);
    return text.length() > 60 ? text.substring(0, 60) + "…" : text;
  }
}
