package dev.slipway.tokenizer.jinja;

import org.jspecify.annotations.Nullable;

/** What {@code namespace()} gives: the only thing that a template can change from within a loop. */
final class Namespace implements Value.Instance {
  private final Value.Dict attributes;

  Namespace(Value.Dict attributes) {
    attributes.keys().forEach(key -> check(Printed.str(key)));
    this.attributes = attributes;
  }

  private static void check(String name) {
    if (name.startsWith("_")) {
      throw new TemplateException(
          "SecurityError",
          ("Chat templates cannot store underscore-prefixed attributes on a namespace, but got %s."
                  + " Please rename the attribute.")
              .formatted(Printed.quoted(name)));
    }
  }

  void set(String name, Value value) {
    check(name);
    attributes.put(name, value);
  }

  @Override
  public @Nullable Value attribute(String name) {
    return attributes.get(name);
  }

  @Override
  public String typeName() {
    return "TemplateNamespace";
  }

  @Override
  public String module() {
    return "transformers.utils.chat_template_utils";
  }

  @Override
  public String repr() {
    return "<Namespace " + Printed.repr(attributes) + ">";
  }
}
