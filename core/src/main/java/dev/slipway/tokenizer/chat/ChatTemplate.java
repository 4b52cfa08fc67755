package dev.slipway.tokenizer.chat;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.tokenizer.jinja.Limits;
import dev.slipway.tokenizer.jinja.Rendered;
import dev.slipway.tokenizer.jinja.Template;
import dev.slipway.tokenizer.jinja.TemplateException;
import dev.slipway.tokenizer.jinja.Value;
import java.time.LocalDateTime;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * A model's template, with its special tokens: conversations become text as by transformers' {@code
 * apply_chat_template}. May be used by several threads at once.
 */
public final class ChatTemplate {
  /** Names under which a message's reasoning is given; templates read the first. */
  private static final List<String> REASONING =
      List.of("reasoning_content", "thinking", "reasoning");

  private static final String TAG = "CONTINUE_FINAL_MESSAGE_TAG ";

  private final String source;
  private final Template template;
  private final SequencedMap<String, String> specialTokens;

  private ChatTemplate(
      String source, Template template, SequencedMap<String, String> specialTokens) {
    this.source = source;
    this.template = template;
    this.specialTokens = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(specialTokens));
  }

  /**
   * @param source the template itself
   * @param specialTokens variables such as {@code bos_token}
   * @throws SlipwayException where it is no template
   */
  public static ChatTemplate of(String source, SequencedMap<String, String> specialTokens) {
    try {
      return new ChatTemplate(source, Template.parse(source), specialTokens);
    } catch (TemplateException e) {
      throw new SlipwayException(
          Exit.INPUT,
          "chat.template-malformed",
          "the chat template is malformed in line %d: %s".formatted(e.line(), e.getMessage()),
          "mend chat_template.jinja, or the template in tokenizer_config.json",
          e);
    }
  }

  /** The template itself. */
  public String source() {
    return source;
  }

  /** Whether the template says what the assistant writes, by {@code {% generation %}}. */
  public boolean marksGeneration() {
    return source.matches("(?s).*\\{%-?\\s*generation\\s*-?%}.*");
  }

  /** {@link #render(Conversation, LocalDateTime)} at this moment. */
  public Rendered render(Conversation conversation) {
    return render(conversation, LocalDateTime.now());
  }

  /**
   * The text of a conversation, and what of it the assistant wrote.
   *
   * @param now what the template is told where it asks for the time
   * @throws SlipwayException with the template's own words where it refuses the conversation
   */
  public Rendered render(Conversation conversation, LocalDateTime now) {
    List<ObjectNode> messages =
        conversation.messages().stream().map(ChatTemplate::normalised).toList();
    String field = conversation.continueField();
    String unfinished = field == null ? "" : tag(messages.getLast(), field);
    Map<String, Value> variables = new LinkedHashMap<>();
    specialTokens.forEach((name, token) -> variables.put(name, Value.of(token)));
    conversation
        .variables()
        .properties()
        .forEach(entry -> variables.put(entry.getKey(), TemplateValues.of(entry.getValue())));
    variables.put("messages", Value.listOf(messages.stream().map(TemplateValues::of).toList()));
    variables.put("tools", orNone(conversation.tools()));
    variables.put("documents", orNone(conversation.documents()));
    variables.put("add_generation_prompt", Value.of(conversation.addGenerationPrompt()));
    Rendered rendered;
    try {
      rendered = template.render(variables, now, Limits.USUAL);
    } catch (TemplateException e) {
      throw problem(e);
    }
    return field == null ? rendered : cut(rendered, unfinished);
  }

  private static Value orNone(@Nullable JsonNode node) {
    return node == null ? Value.None.NONE : TemplateValues.of(node);
  }

  private static SlipwayException problem(TemplateException e) {
    return switch (e.kind()) {
      case "TemplateError" ->
          new SlipwayException(
              Exit.INPUT,
              "chat.refused",
              "the chat template refuses this conversation: " + e.getMessage(),
              "change the conversation as the template says",
              e);
      case TemplateException.LIMIT ->
          new SlipwayException(
              Exit.INPUT,
              "chat.template-limit",
              "the chat template was stopped: " + e.getMessage(),
              "use a shorter conversation, or another template",
              e);
      default ->
          new SlipwayException(
              Exit.INPUT,
              "chat.template-failed",
              "the chat template fails on this conversation: %s: %s"
                  .formatted(e.kind(), e.getMessage()),
              "give what the template reads, or mend the template",
              e);
    };
  }

  /** Without what is null, and with the reasoning under every name that templates read it by. */
  private static ObjectNode normalised(ObjectNode message) {
    ObjectNode kept = message.objectNode();
    message
        .properties()
        .forEach(
            entry -> {
              if (!entry.getValue().isNull()) {
                kept.set(entry.getKey(), entry.getValue());
              }
            });
    for (String name : REASONING) {
      JsonNode reasoning = kept.get(name);
      if (reasoning != null) {
        ObjectNode aliased = message.objectNode();
        aliased.set("thinking", reasoning);
        aliased.setAll(kept);
        aliased.set("reasoning_content", reasoning);
        return aliased;
      }
    }
    return kept;
  }

  /** Marks the end of the last message's field; gives what the field holds. */
  private String tag(ObjectNode last, String field) {
    JsonNode content = last.get(field);
    if (content == null) {
      throw Conversation.malformed(
          "the last message has no \"" + field + "\" to continue",
          "give it one, or leave out continue_final_message");
    }
    List<String> fields =
        REASONING.contains(field)
            ? REASONING.stream().filter(name -> content.equals(last.get(name))).toList()
            : List.of(field);
    if (fields.stream().noneMatch(source::contains)) {
      throw Conversation.malformed(
          "continue_final_message names \"" + field + "\", which the chat template does not read",
          "name another field");
    }
    if (content.isString()) {
      fields.forEach(name -> last.put(name, content.asString() + TAG));
      return content.asString();
    }
    for (JsonNode block :
        content.isArray() ? content.values().stream().toList().reversed() : List.<JsonNode>of()) {
      if (block instanceof ObjectNode part && part.path("text") instanceof StringNode text) {
        last.set(field, withTag(content, part));
        return text.asString();
      }
    }
    throw Conversation.malformed(
        "the last message has no text to continue", "leave out continue_final_message");
  }

  private static JsonNode withTag(JsonNode content, ObjectNode part) {
    JsonNode copy = content.deepCopy();
    for (int i = content.size() - 1; i >= 0; i--) {
      if (content.get(i) == part && copy.get(i) instanceof ObjectNode tagged) {
        tagged.put("text", part.path("text").asString() + TAG);
        break;
      }
    }
    return copy;
  }

  private static Rendered cut(Rendered rendered, String unfinished) {
    String text = rendered.text();
    int at = text.lastIndexOf(TAG.strip());
    if (at < 0 || !text.contains(unfinished.strip())) {
      throw Conversation.malformed(
          "the last message does not appear in the text that the chat template makes",
          "leave out continue_final_message");
    }
    String before = text.substring(0, at);
    return new Rendered(text.startsWith(TAG, at) ? before : before.stripTrailing(), List.of());
  }
}
