package dev.slipway.data.conversation;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.source.Derivation;
import dev.slipway.data.source.DropReason;
import dev.slipway.data.source.SourceRecord;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Rows of a data set to preferences in one form, on one line: {@code {"prompt": […], "chosen": […],
 * "rejected": […]}}, or {@code {"prompt": […], "completion": […], "label": true}}, all lists of
 * messages.
 *
 * @param format null to tell it by each row's columns
 * @param setting where the recipe says so, such as {@code data.source.preferences}
 */
public record PreferenceMapping(@Nullable PreferenceFormat format, String setting)
    implements Derivation {
  private static final PreferenceFormat.Pairs PAIRS =
      new PreferenceFormat.Pairs("prompt", "chosen", "rejected", "margin");
  private static final PreferenceFormat.Rated RATED =
      new PreferenceFormat.Rated("prompt", "completion", "label");

  /**
   * @throws SlipwayException {@code data.columns} where the columns don't fit, with the line that
   *     maps them; {@code data.column-type}, {@code data.message-malformed} or {@code
   *     data.message-role}
   */
  @Override
  public List<SourceRecord> of(SourceRecord record, Path path) {
    Row row = Row.of(record.content(), record.id(), path, setting);
    try {
      ObjectNode preference =
          switch (format == null ? recognised(row) : format) {
            case PreferenceFormat.Pairs pairs -> pair(row, pairs);
            case PreferenceFormat.Rated rated -> rated(row, rated);
          };
      return List.of(new SourceRecord(record.id(), record.bytes(), Json.bytes(preference), null));
    } catch (Row.Missing e) {
      return List.of(
          SourceRecord.dropped(
              record.id(),
              record.bytes(),
              DropReason.VALUE_MISSING,
              String.valueOf(e.getMessage())));
    }
  }

  private PreferenceFormat recognised(Row row) {
    if (row.has(PAIRS.chosen(), PAIRS.rejected())) {
      return PAIRS;
    }
    if (row.has(RATED.prompt(), RATED.completion(), RATED.label())) {
      return RATED;
    }
    throw columns(row, "chosen and rejected, or prompt, completion and label");
  }

  private ObjectNode pair(Row row, PreferenceFormat.Pairs format) throws Row.Missing {
    if (!row.has(format.chosen(), format.rejected())) {
      throw columns(row, format.chosen() + " and " + format.rejected());
    }
    ArrayNode chosen = row.messages(format.chosen(), "assistant");
    ArrayNode rejected = row.messages(format.rejected(), "assistant");
    ArrayNode prompt = Json.array();
    if (row.has(format.prompt()) && !startsAlike(row, format, chosen, rejected)) {
      prompt.addAll(row.messages(format.prompt(), "user"));
    } else {
      int shared = 0;
      while (shared < chosen.size() && chosen.path(shared).equals(rejected.path(shared))) {
        shared++;
      }
      for (int i = 0; i < shared; i++) {
        prompt.add(chosen.path(i));
      }
      if (prompt.isEmpty()) {
        throw row.problem(
            "data.no-prompt",
            "has no prompt: %s and %s have no beginning in common"
                .formatted(format.chosen(), format.rejected()),
            "name the column of the prompt by `%s.format: {pairs: {prompt: COLUMN}}` in the recipe"
                .formatted(setting));
      }
      for (int i = 0; i < shared; i++) {
        chosen.remove(0);
        rejected.remove(0);
      }
    }
    if (chosen.isEmpty() || rejected.isEmpty()) {
      throw new Row.Missing(chosen.isEmpty() ? format.chosen() : format.rejected());
    }
    ObjectNode pair = Json.object();
    pair.set("prompt", prompt);
    pair.set("chosen", chosen);
    pair.set("rejected", rejected);
    JsonNode margin = row.value(format.margin());
    if (margin != null) {
      if (!margin.isNumber()) {
        throw row.problem(
            "data.column-type",
            "has in the column %s %s, expected a number".formatted(format.margin(), margin),
            "name another column in " + setting + ".format");
      }
      pair.put("margin", margin.doubleValue());
    }
    return pair;
  }

  /** Whether both are whole conversations that hold the prompt, as UltraFeedback's are. */
  private static boolean startsAlike(
      Row row, PreferenceFormat.Pairs format, ArrayNode chosen, ArrayNode rejected) {
    JsonNode prompt = row.value(format.prompt());
    return prompt == null
        || prompt.isString()
            && chosen.size() > 1
            && chosen.path(0).equals(rejected.path(0))
            && !chosen.path(0).path("role").asString("").equals("assistant");
  }

  private ObjectNode rated(Row row, PreferenceFormat.Rated format) throws Row.Missing {
    if (!row.has(format.prompt(), format.completion(), format.label())) {
      throw columns(
          row, "%s, %s and %s".formatted(format.prompt(), format.completion(), format.label()));
    }
    ObjectNode rated = Json.object();
    rated.set("prompt", row.messages(format.prompt(), "user"));
    rated.set("completion", row.messages(format.completion(), "assistant"));
    JsonNode label = row.value(format.label());
    if (label == null) {
      throw new Row.Missing(format.label());
    }
    boolean number = label.isIntegralNumber() && (label.asInt() == 0 || label.asInt() == 1);
    if (!label.isBoolean() && !number) {
      throw row.problem(
          "data.column-type",
          "has in the column %s %s, expected true or false".formatted(format.label(), label),
          "name another column in " + setting + ".format");
    }
    rated.put("label", number ? label.asInt() == 1 : label.booleanValue());
    return rated;
  }

  private SlipwayException columns(Row row, String expected) {
    List<String> keys = Row.keys(row.columns());
    String fitting =
        "{pairs: {prompt: %s, chosen: %s, rejected: %s}}"
            .formatted(
                like(keys, "prompt|question|instruction|input|query", "PROMPT"),
                like(
                    keys,
                    "chosen|accepted|preferred|better|good|win.*|response_?1|response_a",
                    "CHOSEN"),
                like(
                    keys,
                    "rejected|dispreferred|worse|bad|los.*|response_?2|response_b",
                    "REJECTED"));
    return row.problem(
        "data.columns",
        "has the columns %s, expected %s".formatted(keys, expected),
        "add `%s.format: %s` to the recipe".formatted(setting, fitting));
  }

  private static String like(List<String> keys, String pattern, String otherwise) {
    return keys.stream()
        .filter(key -> key.matches("(?i).*(" + pattern + ").*"))
        .findFirst()
        .orElse(otherwise);
  }
}
