package dev.slipway.tokenizer.jinja;

import java.util.Set;

/** What stands behind {@code |}: Jinja's filters, and {@code tojson} as transformers has it. */
final class Filters {
  static final Set<String> NAMES =
      Set.of(
          "abs",
          "attr",
          "batch",
          "capitalize",
          "center",
          "count",
          "d",
          "default",
          "dictsort",
          "e",
          "escape",
          "filesizeformat",
          "first",
          "float",
          "forceescape",
          "format",
          "groupby",
          "indent",
          "int",
          "items",
          "join",
          "last",
          "length",
          "list",
          "lower",
          "map",
          "max",
          "min",
          "reject",
          "rejectattr",
          "replace",
          "reverse",
          "round",
          "safe",
          "select",
          "selectattr",
          "slice",
          "sort",
          "string",
          "striptags",
          "sum",
          "title",
          "tojson",
          "trim",
          "truncate",
          "unique",
          "upper",
          "urlencode",
          "wordcount",
          "wordwrap",
          "xmlattr");

  private Filters() {}

  static Value apply(String name, Value value, Arguments arguments, Rendering rendering) {
    rendering.meter().step();
    return switch (name) {
      case "abs", "float", "int", "round", "filesizeformat" ->
          NumberFilters.apply(name, value, arguments, rendering);
      case "tojson" -> Value.of(JsonText.filter(value, arguments, rendering));
      case "default", "d" -> {
        Arguments.Bound bound = arguments.bind("do_default", 1, 0, "default_value", "boolean");
        Value otherwise = bound.given(0);
        boolean missing =
            value instanceof Value.Undefined
                || (bound.isTrue(1, false) && !Operators.isTrue(value));
        yield missing ? (otherwise == null ? Value.of("") : otherwise) : value;
      }
      case "attr" -> {
        Value attribute = arguments.bind("do_attr", 2, 1, "name").required(0);
        if (!(attribute instanceof Value.Text text)) {
          throw TemplateException.type(
              "attribute name must be string, not " + Printed.quoted(attribute.typeName()));
        }
        yield rendering.attributes().ownAttribute(value, text.text());
      }
      case "batch",
          "slice",
          "dictsort",
          "first",
          "last",
          "groupby",
          "items",
          "join",
          "length",
          "count",
          "list",
          "map",
          "max",
          "min",
          "reject",
          "rejectattr",
          "select",
          "selectattr",
          "reverse",
          "sort",
          "sum",
          "unique" ->
          CollectionFilters.apply(name, value, arguments, rendering);
      default -> TextFilters.apply(name, value, arguments, rendering);
    };
  }
}
