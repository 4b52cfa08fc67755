package dev.slipway.platform.server;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.tokenizer.chat.Conversation;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The conversation of a request: {@code messages}, {@code tools}, {@code chat_template_kwargs}. */
final class ConversationReader {
  /** Whose messages are nothing without content; an assistant's may be calls alone. */
  private static final Set<String> SAYING = Set.of("system", "developer", "user", "tool");

  private ConversationReader() {}

  /**
   * @param withTools false leaves the request's tools out
   * @param generates whether it ends where the assistant's answer begins
   * @param goesOn whether it ends within its last message
   * @throws ApiProblem 400 that names the field
   */
  static Conversation read(
      RequestFields fields, boolean withTools, boolean generates, boolean goesOn) {
    JsonNode messages = fields.field("messages");
    if (messages == null) {
      throw ApiProblem.invalid(
          "messages", "missing_required_parameter", "you must provide 'messages'");
    }
    if (!messages.isArray()) {
      throw RequestFields.wrongType("messages", messages, "an array of messages");
    }
    ArrayNode checked = Json.array();
    for (int i = 0; i < messages.size(); i++) {
      checked.add(message("messages[" + i + "]", messages.get(i)));
    }
    ObjectNode document = Json.object();
    document.set("messages", checked);
    document.put("add_generation_prompt", generates);
    document.put("continue_final_message", goesOn);
    JsonNode tools = fields.field("tools");
    if (tools != null && !tools.isArray()) {
      throw RequestFields.wrongType("tools", tools, "an array of functions");
    }
    if (tools != null && withTools && !tools.isEmpty()) {
      document.set("tools", tools);
    }
    JsonNode variables = fields.field("chat_template_kwargs");
    if (variables != null && !variables.isObject()) {
      throw RequestFields.wrongType("chat_template_kwargs", variables, "an object");
    }
    JsonNode effort = fields.field("reasoning_effort");
    if (effort != null) { // a matter of the template, as in vLLM
      ObjectNode both =
          Json.object().put("reasoning_effort", RequestFields.string("reasoning_effort", effort));
      variables = variables == null ? both : both.setAll((ObjectNode) variables);
    }
    if (variables != null) {
      document.set("chat_template_kwargs", variables);
    }
    try {
      return Conversation.of(document, "the request");
    } catch (SlipwayException e) {
      throw ApiProblem.invalid("messages", e.code(), String.valueOf(e.getMessage()));
    }
  }

  /** Checks the role and texts; parts of text become one text, as templates expect it. */
  private static ObjectNode message(String name, JsonNode message) {
    if (!(message instanceof ObjectNode object)) {
      throw RequestFields.wrongType(name, message, "an object with 'role' and 'content'");
    }
    String role = role(name, object.path("role"));
    ObjectNode whole = object.deepCopy();
    JsonNode content = object.path("content");
    if (content.isString()) {
      RequestFields.string(name + ".content", content);
    } else if (content.isArray()) {
      whole.put("content", text(name, content));
    } else if (!content.isMissingNode() && !content.isNull()) {
      throw RequestFields.wrongType(name + ".content", content, "a string or an array of parts");
    } else if (SAYING.contains(role)) {
      throw ApiProblem.invalid(
          name + ".content",
          "missing_required_parameter",
          "'" + name + "' has no content, which a message of the role '" + role + "' needs");
    }
    JsonNode calls = object.path("tool_calls");
    if (calls.isNull()) {
      whole.remove("tool_calls");
    } else if (!calls.isMissingNode()) {
      whole.set("tool_calls", calls(name + ".tool_calls", calls));
    }
    return whole;
  }

  private static String role(String name, JsonNode role) {
    if (role.isMissingNode() || role.isNull() || role.asString("-").isEmpty()) {
      throw ApiProblem.invalid(
          name + ".role", "missing_required_parameter", "'" + name + "' has no role");
    }
    return RequestFields.string(name + ".role", role);
  }

  private static String text(String name, JsonNode parts) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < parts.size(); i++) {
      String part = name + ".content[" + i + "]";
      if (!parts.get(i).path("type").asString("").equals("text")
          || !parts.get(i).path("text").isString()) {
        throw ApiProblem.invalid(
            part,
            "unsupported_content",
            "'" + part + "' is no part of text; this model reads text");
      }
      text.append(RequestFields.string(part + ".text", parts.get(i).path("text")));
    }
    return text.toString();
  }

  /** OpenAI has arguments as a text of JSON; templates expect, as in vLLM, what it says. */
  private static ArrayNode calls(String name, JsonNode calls) {
    if (!calls.isArray()) {
      throw RequestFields.wrongType(name, calls, "an array of tool calls");
    }
    ArrayNode read = Json.array();
    for (int i = 0; i < calls.size(); i++) {
      String path = name + "[" + i + "].function";
      if (!(calls.get(i).path("function") instanceof ObjectNode function)
          || !function.path("name").isString()) {
        throw ApiProblem.invalid(path, "invalid_type", "'" + path + "' has no name");
      }
      ObjectNode call = (ObjectNode) calls.get(i).deepCopy();
      if (function.path("arguments").isString()) {
        String arguments = function.path("arguments").stringValue();
        try {
          JsonNode said = arguments.isBlank() ? Json.object() : Json.parse(arguments, path);
          ((ObjectNode) call.path("function")).set("arguments", said);
        } catch (SlipwayException e) {
          throw ApiProblem.invalid(
              path + ".arguments", "invalid_json", String.valueOf(e.getMessage()));
        }
      }
      read.add(call);
    }
    return read;
  }
}
