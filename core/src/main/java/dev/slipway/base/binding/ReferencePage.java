package dev.slipway.base.binding;

/** A Markdown table of every key of a document, from the same records that bind it. */
public final class ReferencePage {
  private ReferencePage() {}

  public static String table(Shape.Group document) {
    StringBuilder text =
        new StringBuilder("| key | value | default | meaning |\n|---|---|---|---|\n");
    rows(document, "", text);
    return text.toString();
  }

  private static void rows(Shape shape, String prefix, StringBuilder text) {
    switch (shape) {
      case Shape.Group group -> {
        for (Shape.Field field : group.fields()) {
          String path = prefix.isEmpty() ? field.key() : prefix + "." + field.key();
          String byDefault = field.defaultYaml();
          row(
              path,
              value(field.shape()),
              byDefault == null ? "required" : "`" + byDefault + "`",
              field.doc(),
              text);
          rows(field.shape(), path, text);
        }
      }
      case Shape.OneOf oneOf -> {
        for (Shape.Kind kind : oneOf.kinds()) {
          String path = prefix + "." + kind.name();
          row(
              path,
              kind.group().fields().isEmpty() ? "a word" : "keys",
              "",
              kind.group().doc(),
              text);
          rows(kind.group(), path, text);
        }
      }
      case Shape.Word word -> {
        for (Shape.Option option : word.options()) {
          if (!option.doc().isEmpty()) {
            row(prefix + ": " + option.name(), "", "", option.doc(), text);
          }
        }
      }
      case Shape.ListOf(Shape item) -> rows(item, prefix + "[]", text);
      case Shape.AutoOf(Shape inner) -> rows(inner, prefix, text);
      case Shape.NoneOr(Shape inner) -> rows(inner, prefix, text);
      case Shape.Text _,
          Shape.Whole _,
          Shape.Decimal _,
          Shape.Flag _,
          Shape.Quantity _,
          Shape.Again _ -> {}
    }
  }

  private static void row(
      String path, String value, String byDefault, String doc, StringBuilder text) {
    text.append("| `").append(path).append("` | ").append(cell(value)).append(" | ");
    text.append(cell(byDefault)).append(" | ").append(cell(doc)).append(" |\n");
  }

  private static String value(Shape shape) {
    return switch (shape) {
      case Shape.AutoOf(Shape inner) -> "`auto`, or " + value(inner);
      case Shape.NoneOr(Shape inner) -> "`none`, or " + value(inner);
      case Shape.ListOf(Shape item) -> "list of: " + value(item);
      case Shape.Group _ -> "keys";
      case Shape.OneOf _, Shape.Word _ -> "one of the following";
      case Shape.Again _ -> "one of the above";
      case Shape.Text _, Shape.Whole _, Shape.Decimal _, Shape.Flag _, Shape.Quantity _ ->
          shape.expected();
    };
  }

  private static String cell(String text) {
    return text.replace("|", "\\|");
  }
}
