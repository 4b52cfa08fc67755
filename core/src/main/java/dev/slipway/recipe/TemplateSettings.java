package dev.slipway.recipe;

import dev.slipway.base.binding.Doc;
import dev.slipway.base.binding.Matches;

/** How conversations become text. */
public sealed interface TemplateSettings {
  @Doc("By the chat template in the model's folder")
  record OfModel() implements TemplateSettings {}

  @Doc(
      "By headings that need no tokens of their own: ### user, ### assistant, each turn of the assistant ended by the model's end token")
  record Plain() implements TemplateSettings {}

  @Doc("By a Jinja template in a file, as transformers' chat_template.jinja")
  record File(@Doc("The file") @Matches(value = DataSettings.NAME, expected = "a path") String path)
      implements TemplateSettings {}

  @Doc("By a Jinja template that stands in the recipe itself")
  record Text(
      @Doc("The template") @Matches(value = "(?s)^.*[^\\s].*$", expected = "a template")
          String jinja)
      implements TemplateSettings {}
}
