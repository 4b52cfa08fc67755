package dev.slipway.model.decoder;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads {@code config.json} as transformers does: a key that is absent or null takes the
 * architecture's default, and one of another type is refused by {@code model.bad-config}.
 *
 * @param json the document
 * @param source what it is called in an error
 */
public record ConfigJson(JsonNode json, String source) {
  /** Whether there is a value other than null. */
  public boolean has(String key) {
    return !json.path(key).isMissingNode() && !json.path(key).isNull();
  }

  /** A whole number that has to be there. */
  public int required(String key) {
    if (!has(key)) {
      throw bad("has no " + key + ", expected a whole number");
    }
    return whole(key, json.path(key));
  }

  public int number(String key, int otherwise) {
    return has(key) ? whole(key, json.path(key)) : otherwise;
  }

  /** A whole number, or null where there is none. */
  public @Nullable Integer numberOrNull(String key) {
    return has(key) ? (Integer) whole(key, json.path(key)) : null;
  }

  private int whole(String key, JsonNode node) {
    if (!node.isIntegralNumber() || !node.canConvertToInt()) {
      throw bad("has " + key + " " + shortened(node) + ", expected a whole number");
    }
    return node.asInt();
  }

  public double real(String key, double otherwise) {
    Double value = realOrNull(key);
    return value == null ? otherwise : value;
  }

  /** A number, or null where there is none. */
  public @Nullable Double realOrNull(String key) {
    if (!has(key)) {
      return null;
    }
    return real(key, json.path(key));
  }

  /** What is added to a variance before its root is taken. */
  public double epsilon(String key, double otherwise) {
    double value = real(key, otherwise);
    if (value < 0) {
      throw bad("has " + key + " " + value + ", expected 0 or more");
    }
    return value;
  }

  private double real(String key, JsonNode node) {
    if (!node.isNumber() || !Double.isFinite(node.asDouble())) {
      throw bad("has " + key + " " + shortened(node) + ", expected a number");
    }
    return node.asDouble();
  }

  public boolean flag(String key, boolean otherwise) {
    if (!has(key)) {
      return otherwise;
    }
    JsonNode node = json.path(key);
    if (!node.isBoolean()) {
      throw bad("has " + key + " " + shortened(node) + ", expected true or false");
    }
    return node.asBoolean();
  }

  public String text(String key, String otherwise) {
    if (!has(key)) {
      return otherwise;
    }
    JsonNode node = json.path(key);
    if (!node.isString()) {
      throw bad("has " + key + " " + shortened(node) + ", expected a text");
    }
    return node.stringValue();
  }

  /** An array of texts; empty where there is none. */
  public List<String> texts(String key) {
    List<String> texts = new ArrayList<>();
    for (JsonNode node : array(key)) {
      if (!node.isString()) {
        throw bad("has " + shortened(node) + " in " + key + ", expected texts");
      }
      texts.add(node.stringValue());
    }
    return texts;
  }

  /** An array of whole numbers; empty where there is none. */
  public List<Integer> numbers(String key) {
    List<Integer> numbers = new ArrayList<>();
    for (JsonNode node : array(key)) {
      numbers.add(whole(key, node));
    }
    return numbers;
  }

  /** An array of numbers; empty where there is none. */
  public List<Double> reals(String key) {
    List<Double> numbers = new ArrayList<>();
    for (JsonNode node : array(key)) {
      numbers.add(real(key, node));
    }
    return numbers;
  }

  private Iterable<JsonNode> array(String key) {
    if (!has(key)) {
      return List.of();
    }
    if (!json.path(key).isArray()) {
      throw bad("has " + key + " " + shortened(json.path(key)) + ", expected a list");
    }
    return json.path(key);
  }

  /** How many keys there are. */
  public int size() {
    return json.size();
  }

  /** The object under a key, empty where there is none. */
  public ConfigJson object(String key) {
    JsonNode node = json.path(key);
    if (has(key) && !node.isObject()) {
      throw bad("has " + key + " " + shortened(node) + ", expected an object");
    }
    return new ConfigJson(node, source);
  }

  /** An activation by name. */
  public Activation activation(String key, String otherwise) {
    String name = text(key, otherwise);
    Activation activation = Activation.named(name);
    if (activation == null) {
      throw unsupported(key, name, String.join(", ", Activation.names()));
    }
    return activation;
  }

  /** What {@code model.bad-config} says of this document. */
  public SlipwayException bad(String what) {
    return new SlipwayException(
        Exit.INPUT,
        "model.bad-config",
        source + " " + what,
        "put back the config.json that belongs to the weights");
  }

  /** What is said of a setting that changes what is computed and that there is no code for. */
  public SlipwayException unsupported(String key, String came, String known) {
    return new SlipwayException(
        Exit.INPUT,
        "model.unsupported-setting",
        source + " has " + key + " " + came + ", Slipway knows " + known,
        "choose a model without this setting");
  }

  private static String shortened(JsonNode node) {
    String text = node.toString();
    return text.length() <= 60 ? text : text.substring(0, 60) + "…";
  }

  /** {@code num_key_value_heads}: where it is null, as many as heads. */
  public int keyValueHeads(int heads, int otherwise) {
    return number("num_key_value_heads", json.has("num_key_value_heads") ? heads : otherwise);
  }

  /**
   * How far each layer sees, 0 for all, by {@code layer_types}.
   *
   * @param window of sliding layers, or null
   */
  public List<Integer> windows(
      int layers, @Nullable Integer window, IntPredicate slidingUnlessListed) {
    List<String> types = texts("layer_types");
    if (!types.isEmpty() && types.size() != layers) {
      throw bad("lists " + types.size() + " layer_types, expected " + layers);
    }
    List<Integer> windows = new ArrayList<>();
    for (int i = 0; i < layers; i++) {
      boolean sliding =
          types.isEmpty() ? slidingUnlessListed.test(i) : types.get(i).equals("sliding_attention");
      if (!types.isEmpty() && !sliding && !types.get(i).equals("full_attention")) {
        throw unsupported("layer_types with", types.get(i), "full_attention and sliding_attention");
      }
      if (sliding && (window == null || window < 1)) {
        throw bad("has layers with a sliding window and no sliding_window");
      }
      windows.add(sliding && window != null ? window : 0);
    }
    return windows;
  }
}
