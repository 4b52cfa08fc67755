package dev.slipway.infer.evaluate;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.tokenizer.chat.TemplateValues;
import dev.slipway.tokenizer.jinja.Limits;
import dev.slipway.tokenizer.jinja.Template;
import dev.slipway.tokenizer.jinja.TemplateException;
import dev.slipway.tokenizer.jinja.Value;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Templates of a task filled with the fields of its rows. */
final class Fields {
  private final String task;
  private final Map<String, Template> parsed = new HashMap<>();

  Fields(String task) {
    this.task = task;
  }

  /**
   * @param key of the task's document, for errors
   * @param number of the row, from 1
   */
  String fill(String key, String template, ObjectNode row, int number) {
    Map<String, Value> values = new LinkedHashMap<>();
    row.properties()
        .forEach(field -> values.put(field.getKey(), TemplateValues.of(field.getValue())));
    try {
      Template known = parsed.get(template);
      if (known == null) {
        known = Template.parseStrict(template);
        parsed.put(template, known);
      }
      return known.render(values, LocalDateTime.now(), Limits.USUAL).text();
    } catch (TemplateException e) {
      throw new SlipwayException(
          Exit.INPUT,
          "task.template-failed",
          "%s of the task %s fails on row %d, which has the fields %s: %s"
              .formatted(key, task, number, row.propertyNames(), e.getMessage()),
          "mend the template",
          e);
    }
  }

  /** The texts of a field that is a list. */
  List<String> list(String key, String field, ObjectNode row, int number) {
    JsonNode list = row.path(field);
    if (!list.isArray() || list.isEmpty()) {
      throw new SlipwayException(
          Exit.INPUT,
          "task.no-list",
          "%s of the task %s names the field %s, which is no list with something in it in row %d; the row has the fields %s"
              .formatted(key, task, field, number, row.propertyNames()),
          "name a field with a list");
    }
    List<String> texts = new ArrayList<>();
    list.forEach(each -> texts.add(each.isString() ? each.asString() : each.toString()));
    return texts;
  }
}
