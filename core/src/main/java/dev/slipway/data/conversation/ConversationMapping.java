package dev.slipway.data.conversation;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.source.Derivation;
import dev.slipway.data.source.DropReason;
import dev.slipway.data.source.SourceRecord;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Rows of a data set to conversations in one form: {@code {"messages": [{"role", "content", …}],
 * "tools": […]}} on one line.
 *
 * @param format null to tell it by each row's columns
 * @param setting where the recipe says so, such as {@code data.source.conversations}
 */
public record ConversationMapping(@Nullable ConversationFormat format, String setting)
    implements Derivation {
  private static final List<ConversationFormat> KNOWN =
      List.of(
          new ConversationFormat.Messages("messages", "role", "content", "tools"),
          new ConversationFormat.Sharegpt("conversations", "from", "value", "system"),
          new ConversationFormat.Alpaca("instruction", "input", "output", "system"),
          new ConversationFormat.PromptCompletion("prompt", "completion"));

  /**
   * @throws SlipwayException {@code data.columns} where the columns don't fit, with the line that
   *     maps them; {@code data.column-type}, {@code data.message-malformed} or {@code
   *     data.message-role}
   */
  @Override
  public List<SourceRecord> of(SourceRecord record, Path path) {
    Row row = Row.of(record.content(), record.id(), path, setting);
    ConversationFormat used = format == null ? recognised(row) : format;
    if (!fits(row, used)) {
      throw columns(row, List.of(used));
    }
    try {
      byte[] content = Json.bytes(conversation(row, used));
      return List.of(new SourceRecord(record.id(), record.bytes(), content, null));
    } catch (Row.Missing e) {
      return List.of(
          SourceRecord.dropped(
              record.id(),
              record.bytes(),
              DropReason.VALUE_MISSING,
              String.valueOf(e.getMessage())));
    }
  }

  private ConversationFormat recognised(Row row) {
    for (ConversationFormat known : KNOWN) {
      if (fits(row, known)) {
        return known;
      }
    }
    throw columns(row, KNOWN);
  }

  private static boolean fits(Row row, ConversationFormat format) {
    return row.has(required(format).toArray(String[]::new));
  }

  private static List<String> required(ConversationFormat format) {
    return switch (format) {
      case ConversationFormat.Messages f -> List.of(f.messages());
      case ConversationFormat.Sharegpt f -> List.of(f.conversations());
      case ConversationFormat.Alpaca f -> List.of(f.instruction(), f.output());
      case ConversationFormat.PromptCompletion f -> List.of(f.prompt(), f.completion());
    };
  }

  private static ObjectNode conversation(Row row, ConversationFormat format) throws Row.Missing {
    ObjectNode conversation = Json.object();
    ArrayNode messages = Json.array();
    switch (format) {
      case ConversationFormat.Messages f -> {
        messages.addAll(row.messages(f.messages(), f.role(), f.content()));
        JsonNode tools = row.value(f.tools());
        if (tools != null && !tools.isEmpty()) {
          conversation.set(
              "tools", tools.isString() ? Json.parse(tools.asString(), row.where()) : tools);
        }
      }
      case ConversationFormat.Sharegpt f -> {
        system(row, f.system(), messages);
        messages.addAll(row.messages(f.conversations(), f.from(), f.value()));
      }
      case ConversationFormat.Alpaca f -> {
        system(row, f.system(), messages);
        String instruction = row.text(f.instruction());
        String input = row.optionalText(f.input());
        messages.add(
            Row.message("user", input.isBlank() ? instruction : instruction + "\n\n" + input));
        messages.add(Row.message("assistant", row.text(f.output())));
      }
      case ConversationFormat.PromptCompletion f -> {
        messages.addAll(row.messages(f.prompt(), "user"));
        messages.addAll(row.messages(f.completion(), "assistant"));
      }
    }
    conversation.set("messages", messages);
    return conversation;
  }

  private static void system(Row row, String column, ArrayNode messages) {
    String system = row.optionalText(column);
    if (!system.isBlank()) {
      messages.add(Row.message("system", system));
    }
  }

  private SlipwayException columns(Row row, List<ConversationFormat> expected) {
    List<String> choices = new ArrayList<>();
    for (ConversationFormat each : expected) {
      choices.add(String.join(" and ", required(each)));
    }
    return row.problem(
        "data.columns",
        "has the columns %s, expected %s"
            .formatted(Row.keys(row.columns()), String.join(", or ", choices)),
        "add `%s.format: %s` to the recipe".formatted(setting, suggestion(row)));
  }

  /** The mapping that the columns' values suggest. */
  private static String suggestion(Row row) {
    List<String> texts = new ArrayList<>();
    for (String name : Row.keys(row.columns())) {
      JsonNode value = row.columns().path(name);
      if (value.isArray() && value.path(0).isObject()) {
        List<String> keys = Row.keys(value.path(0));
        return keys.contains("from")
            ? "{sharegpt: {conversations: %s}}".formatted(name)
            : "{messages: {messages: %s, role: %s, content: %s}}"
                .formatted(
                    name,
                    keys.stream()
                        .filter(k -> k.matches("role|speaker|author"))
                        .findFirst()
                        .orElse("ROLE"),
                    keys.stream()
                        .filter(k -> k.matches("content|value|text|message"))
                        .findFirst()
                        .orElse("CONTENT"));
      }
      if (value.isString()) {
        texts.add(name);
      }
    }
    String answer =
        texts.stream()
            .filter(
                t ->
                    t.toLowerCase(Locale.ROOT)
                        .matches(".*(answer|response|output|completion|reply|target|assistant).*"))
            .findFirst()
            .orElse(texts.size() < 2 ? "ANSWER" : texts.get(1));
    String prompt = texts.stream().filter(t -> !t.equals(answer)).findFirst().orElse("QUESTION");
    return "{prompt-completion: {prompt: %s, completion: %s}}".formatted(prompt, answer);
  }
}
