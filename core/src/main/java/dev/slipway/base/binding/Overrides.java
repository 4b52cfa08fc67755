package dev.slipway.base.binding;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import java.util.ArrayList;
import java.util.List;

/** Values from the command line, put over what a document says. */
public final class Overrides {
  private Overrides() {}

  /**
   * @param settings each {@code path=value}: keys joined by dots, list items by their index; the
   *     value is YAML
   */
  public static YamlReader.Document apply(YamlReader.Document document, List<String> settings) {
    Node root = document.root();
    List<Problem> problems = new ArrayList<>(document.problems());
    for (String setting : settings) {
      String option = "--set " + setting;
      int equals = setting.indexOf('=');
      if (equals < 1 || setting.substring(0, equals).isBlank()) {
        throw new SlipwayException(
            Exit.USAGE,
            "recipe.override",
            option + ", expected path=value",
            "name a key, such as --set train.batch=8");
      }
      YamlReader.Document value = YamlReader.parseOption(setting.substring(equals + 1), option);
      problems.addAll(value.problems());
      List<String> keys = List.of(setting.substring(0, equals).strip().split("\\.", -1));
      root = put(root, keys, value.root(), option);
    }
    return new YamlReader.Document(root, List.copyOf(problems));
  }

  private static Node put(Node node, List<String> keys, Node value, String option) {
    if (keys.isEmpty()) {
      return value;
    }
    String key = keys.getFirst();
    List<String> rest = keys.subList(1, keys.size());
    Place place = Place.option(option);
    return switch (node) {
      case Node.Mapping(Place at, List<Node.Entry> entries) -> {
        List<Node.Entry> changed = new ArrayList<>();
        boolean found = false;
        for (Node.Entry entry : entries) {
          if (entry.key().equals(key)) {
            changed.add(new Node.Entry(place, key, put(entry.value(), rest, value, option)));
            found = true;
          } else {
            changed.add(entry);
          }
        }
        if (!found) {
          Node empty = new Node.Mapping(place, List.of());
          changed.add(new Node.Entry(place, key, put(empty, rest, value, option)));
        }
        yield new Node.Mapping(at, List.copyOf(changed));
      }
      case Node.Sequence(Place at, List<Node> items)
          when key.matches("\\d{1,6}") && Integer.parseInt(key) < items.size() -> {
        List<Node> changed = new ArrayList<>(items);
        int index = Integer.parseInt(key);
        changed.set(index, put(items.get(index), rest, value, option));
        yield new Node.Sequence(at, List.copyOf(changed));
      }
      case Node.Sequence(Place _, List<Node> items) ->
          throw new SlipwayException(
              Exit.USAGE,
              "recipe.override",
              option + ": \"" + key + "\" is no item of a list of " + items.size(),
              "give an index from 0 to " + (items.size() - 1) + ", or the whole list");
      case Node.Scalar _ -> put(new Node.Mapping(place, List.of()), keys, value, option);
    };
  }
}
