package dev.slipway.base.binding;

import dev.slipway.base.Json;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Records as JSON of the same shape as {@link YamlWriter}'s YAML; {@link Binder} reads it too. */
public final class JsonWriter {
  private JsonWriter() {}

  public static JsonNode write(Object value, Shape shape) {
    return switch (shape) {
      case Shape.AutoOf(Shape inner) ->
          ((Auto<?>) value).isAuto() ? Json.tree("auto") : write(((Auto<?>) value).value(), inner);
      case Shape.NoneOr(Shape inner) -> {
        Optional<?> optional = (Optional<?>) value;
        yield optional.isEmpty() ? Json.tree("none") : write(optional.get(), inner);
      }
      case Shape.ListOf(Shape item) -> {
        ArrayNode array = Json.array();
        ((List<?>) value).forEach(one -> array.add(write(one, item)));
        yield array;
      }
      case Shape.Group group -> group(value, group);
      case Shape.Again again -> write(value, again.whole().get());
      case Shape.OneOf oneOf -> {
        Shape.Kind kind = oneOf.kindOf(value);
        yield kind.group().fields().isEmpty()
            ? Json.tree(kind.name())
            : Json.object().set(kind.name(), group(kind.unwrap(value), kind.group()));
      }
      case Shape.Text _ -> Json.tree(Variables.escape((String) value));
      case Shape.Flag _, Shape.Whole _, Shape.Decimal _ -> Json.tree(value);
      case Shape.Word word -> Json.tree(word.nameOf(value));
      case Shape.Quantity(ScalarType<?> type) -> Json.tree(type.formatted(value));
    };
  }

  private static ObjectNode group(Object value, Shape.Group group) {
    ObjectNode object = Json.object();
    for (Shape.Field field : group.fields()) {
      object.set(field.key(), write(field.of(value), field.shape()));
    }
    return object;
  }
}
