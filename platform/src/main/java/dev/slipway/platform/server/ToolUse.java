package dev.slipway.platform.server;

import dev.slipway.base.Json;
import dev.slipway.platform.toolcall.ToolConvention;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The tools of a request and whether one has to be called.
 *
 * @param tools that may be called, with JSON Schemas of their arguments; none where the request has
 *     none, or wants none called
 * @param choice whether, and which
 * @param parallel whether an answer may call several
 * @param others tools that the model is told of and that may not be called
 */
record ToolUse(List<Tool> tools, Choice choice, boolean parallel, List<Tool> others) {
  static final ToolUse NONE = new ToolUse(List.of(), new Choice.Auto(), true);

  ToolUse {
    tools = List.copyOf(tools);
    others = List.copyOf(others);
  }

  private ToolUse(List<Tool> tools, Choice choice, boolean parallel) {
    this(tools, choice, parallel, List.of());
  }

  /**
   * @param parameters schema of its arguments
   */
  record Tool(String name, JsonNode parameters) {}

  /** What {@code tool_choice} says; {@code none} has no tools. */
  sealed interface Choice {
    /** The model chooses. */
    record Auto() implements Choice {}

    record Required() implements Choice {}

    record Named(String name) implements Choice {}
  }

  /** Reads {@code tools}, {@code tool_choice} and {@code parallel_tool_calls}. */
  static ToolUse read(RequestFields fields) {
    List<Tool> tools = tools(fields.field("tools"));
    boolean parallel = fields.bool("parallel_tool_calls", true);
    JsonNode choice = fields.field("tool_choice");
    if (choice == null || choice.asString("").equals("auto")) {
      return new ToolUse(tools, new Choice.Auto(), parallel);
    }
    if (choice.asString("").equals("none")) {
      return NONE;
    }
    if (tools.isEmpty()) {
      throw ApiProblem.invalid(
          "tool_choice", "invalid_value", "'tool_choice' goes only with 'tools'");
    }
    if (choice.asString("").equals("required")) {
      return new ToolUse(tools, new Choice.Required(), parallel);
    }
    if (choice.path("type").asString("").equals("allowed_tools")) {
      return allowed(tools, choice.path("allowed_tools"), parallel);
    }
    JsonNode name = choice.path("function").path("name");
    if (!choice.path("type").asString("").equals("function") || !name.isString()) {
      throw ApiProblem.invalid(
          "tool_choice",
          "invalid_value",
          "'tool_choice' is "
              + RequestFields.shown(choice.toString())
              + ", expected none, auto, required, {\"type\": \"function\", \"function\":"
              + " {\"name\": …}} or {\"type\": \"allowed_tools\", \"allowed_tools\": {\"mode\": …,"
              + " \"tools\": […]}}");
    }
    named(tools, name.stringValue());
    return new ToolUse(tools, new Choice.Named(name.stringValue()), parallel);
  }

  /** Some of the tools: the prompt tells of all, which keeps it cached, and these may be called. */
  private static ToolUse allowed(List<Tool> tools, JsonNode allowed, boolean parallel) {
    if (!allowed.isObject()) {
      throw RequestFields.wrongType(
          "tool_choice.allowed_tools", allowed, "an object with 'mode' and 'tools'");
    }
    JsonNode given = allowed.path("tools");
    String mode = allowed.path("mode").asString("");
    if (!given.isArray() || given.isEmpty() || !(mode.equals("auto") || mode.equals("required"))) {
      throw ApiProblem.invalid(
          "tool_choice",
          "invalid_value",
          "'tool_choice.allowed_tools' is "
              + RequestFields.shown(allowed.toString())
              + ", expected {\"mode\": \"auto\" or \"required\", \"tools\": [{\"type\": \"function\","
              + " \"function\": {\"name\": …}}, …]}");
    }
    List<Tool> some = new ArrayList<>();
    for (JsonNode one : given) {
      Tool tool = named(tools, one.path("function").path("name").asString(""));
      if (!some.contains(tool)) {
        some.add(tool);
      }
    }
    List<Tool> others = new ArrayList<>(tools);
    others.removeAll(some);
    Choice choice = mode.equals("auto") ? new Choice.Auto() : new Choice.Required();
    return new ToolUse(some, choice, parallel, others);
  }

  private static Tool named(List<Tool> tools, String name) {
    return tools.stream()
        .filter(tool -> tool.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                ApiProblem.invalid(
                    "tool_choice",
                    "invalid_value",
                    "'tool_choice' names '"
                        + RequestFields.shown(name)
                        + "', which is none of 'tools'"));
  }

  private static List<Tool> tools(@Nullable JsonNode given) {
    List<Tool> tools = new ArrayList<>();
    if (given == null) {
      return tools;
    }
    if (!given.isArray()) {
      throw RequestFields.wrongType("tools", given, "an array of functions");
    }
    for (int i = 0; i < given.size(); i++) {
      String path = "tools[" + i + "]";
      JsonNode function = given.get(i).path("function");
      JsonNode name = function.path("name");
      if (!given.get(i).path("type").asString("").equals("function")
          || !name.isString()
          || !name.stringValue().matches("[A-Za-z0-9_.-]{1,64}")) {
        throw ApiProblem.invalid(
            path,
            "invalid_value",
            "'"
                + path
                + "' is no function, expected {\"type\": \"function\", \"function\": {\"name\":"
                + " …}} with a name of up to 64 letters, digits, _, - and .");
      }
      if (tools.stream().anyMatch(tool -> tool.name().equals(name.stringValue()))) {
        throw ApiProblem.invalid(
            path, "invalid_value", "'tools' has '" + name.stringValue() + "' twice");
      }
      JsonNode parameters = function.path("parameters");
      if (parameters.isMissingNode() || parameters.isNull()) {
        parameters = Json.object().put("type", "object").put("additionalProperties", false);
      } else if (!parameters.isObject()) {
        throw RequestFields.wrongType(
            path + ".function.parameters", parameters, "a JSON Schema of an object");
      }
      tools.add(new Tool(name.stringValue(), parameters));
    }
    return tools;
  }

  boolean isForced() {
    return !(choice instanceof Choice.Auto);
  }

  boolean has(String name) {
    return tools.stream().anyMatch(tool -> tool.name().equals(name));
  }

  /** Whether a tool may not be called that the model was told of. */
  boolean forbids(String name) {
    return others.stream().anyMatch(tool -> tool.name().equals(name));
  }

  /** What an answer that has to be a call looks like, behind the convention's opening. */
  JsonNode schema(ToolConvention convention) {
    List<Tool> allowed =
        choice instanceof Choice.Named(String name)
            ? tools.stream().filter(tool -> tool.name().equals(name)).toList()
            : tools;
    String root = convention.listed() ? "#/items" : "#";
    ObjectNode calls = Json.object();
    ArrayNode any = calls.putArray("anyOf");
    for (int i = 0; i < allowed.size(); i++) {
      Tool tool = allowed.get(i);
      ObjectNode call = any.addObject().put("type", "object");
      ObjectNode properties = call.putObject("properties");
      properties.putObject("name").put("const", tool.name());
      String place = root + "/anyOf/" + i + "/properties/" + convention.arguments();
      properties.set(convention.arguments(), moved(tool.parameters(), place));
      call.putArray("required").add("name").add(convention.arguments());
      call.put("additionalProperties", false);
    }
    if (!convention.listed()) {
      return calls;
    }
    ObjectNode list = Json.object().put("type", "array").put("minItems", 1);
    if (!parallel || choice instanceof Choice.Named) {
      list.put("maxItems", 1);
    }
    list.set("items", calls);
    return list;
  }

  /** A schema whose references within itself lead to where it stands in another. */
  private static JsonNode moved(JsonNode schema, String place) {
    if (schema.isArray()) {
      ArrayNode moved = Json.array();
      schema.forEach(item -> moved.add(moved(item, place)));
      return moved;
    }
    if (!schema.isObject()) {
      return schema;
    }
    ObjectNode moved = Json.object();
    for (Map.Entry<String, JsonNode> entry : schema.properties()) {
      JsonNode value = entry.getValue();
      boolean reference =
          entry.getKey().equals("$ref") && value.isString() && value.stringValue().startsWith("#");
      if (reference) {
        moved.put("$ref", place + value.stringValue().substring(1));
      } else {
        moved.set(entry.getKey(), moved(value, place));
      }
    }
    return moved;
  }
}
