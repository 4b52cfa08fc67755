package dev.slipway.tokenizer.chat;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a chat template is applied to.
 *
 * @param messages objects, with {@code role} and {@code content} as a rule
 * @param tools JSON schemas of functions that the assistant may call, or null
 * @param documents objects with {@code title} and {@code text}, or null
 * @param addGenerationPrompt whether the text ends where the assistant's next message begins
 * @param continueField the field of the last message that the text ends within, or null
 * @param variables further variables of the template, which stand before its special tokens
 */
public record Conversation(
    List<ObjectNode> messages,
    @Nullable JsonNode tools,
    @Nullable JsonNode documents,
    boolean addGenerationPrompt,
    @Nullable String continueField,
    ObjectNode variables) {
  private static final Set<String> KEYS =
      Set.of(
          "messages",
          "tools",
          "documents",
          "add_generation_prompt",
          "continue_final_message",
          "chat_template_kwargs");
  private static final Set<String> OWN_VARIABLES = Set.of("messages", "tools");

  public Conversation {
    messages = List.copyOf(messages);
    if (messages.isEmpty()) {
      throw malformed("a conversation has no message, expected one at least", "add a message");
    }
    if (continueField != null && addGenerationPrompt) {
      throw malformed(
          "continue_final_message and add_generation_prompt are both set, expected one of them",
          "leave out the one that is not meant");
    }
  }

  /** These messages, and nothing beside them. */
  public static Conversation of(List<ObjectNode> messages, boolean addGenerationPrompt) {
    return new Conversation(messages, null, null, addGenerationPrompt, null, Json.object());
  }

  /**
   * A conversation as JSON: a list of messages, or {@code {messages, tools, documents,
   * add_generation_prompt, continue_final_message, chat_template_kwargs}}; the arguments may stand
   * in {@code chat_template_kwargs}, too.
   *
   * @param source what the document is called in an error
   */
  public static Conversation of(JsonNode document, String source) {
    if (document.isArray()) {
      return of(messages(document, source), false);
    }
    if (!document.isObject() || !document.path("messages").isArray()) {
      throw malformed(
          source + " is no list of messages and no object with a list \"messages\"",
          "write [{\"role\": \"user\", \"content\": \"…\"}]");
    }
    for (String key : document.propertyNames()) {
      if (!KEYS.contains(key)) {
        throw malformed(
            "%s has the key \"%s\", expected %s"
                .formatted(source, key, KEYS.stream().sorted().toList()),
            "put variables of the template into chat_template_kwargs");
      }
    }
    JsonNode given = document.path("chat_template_kwargs");
    if (!given.isObject() && !given.isMissingNode() && !given.isNull()) {
      throw malformed(
          "chat_template_kwargs of " + source + " is no object", "write {\"name\": value}");
    }
    ObjectNode variables = Json.object();
    given.properties().forEach(entry -> variables.set(entry.getKey(), entry.getValue()));
    for (String key : OWN_VARIABLES) {
      if (variables.has(key)) {
        throw malformed(
            "chat_template_kwargs of %s has \"%s\"".formatted(source, key),
            "put it beside chat_template_kwargs");
      }
    }
    JsonNode prompt = argument("add_generation_prompt", document, variables);
    JsonNode goOn = argument("continue_final_message", document, variables);
    JsonNode documents = argument("documents", document, variables);
    String field = goOn.isString() ? goOn.asString() : goOn.asBoolean(false) ? "content" : null;
    return new Conversation(
        messages(document.path("messages"), source),
        present(document.path("tools")),
        present(documents),
        prompt.asBoolean(false),
        field,
        variables);
  }

  /** The first {@code count} messages, with all else that belongs to them. */
  public Conversation upTo(int count, boolean addGenerationPrompt) {
    return new Conversation(
        messages.subList(0, count), tools, documents, addGenerationPrompt, null, variables);
  }

  private static @Nullable JsonNode present(JsonNode node) {
    return node.isMissingNode() || node.isNull() ? null : node;
  }

  private static JsonNode argument(String name, JsonNode document, ObjectNode variables) {
    JsonNode inside = variables.remove(name);
    return inside == null ? document.path(name) : inside;
  }

  private static List<ObjectNode> messages(JsonNode list, String source) {
    List<ObjectNode> messages = new ArrayList<>();
    for (JsonNode message : list) {
      if (!(message instanceof ObjectNode object)) {
        throw malformed(
            "message %d of %s is no object".formatted(messages.size() + 1, source),
            "write {\"role\": \"user\", \"content\": \"…\"}");
      }
      messages.add(object);
    }
    return messages;
  }

  static SlipwayException malformed(String sentence, String fix) {
    return new SlipwayException(Exit.INPUT, "chat.malformed", sentence, fix);
  }
}
