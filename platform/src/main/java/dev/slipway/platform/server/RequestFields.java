package dev.slipway.platform.server;

import dev.slipway.base.Json;
import dev.slipway.infer.Sampling;
import dev.slipway.platform.engine.Ending;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The fields of a request's body, read one by one. An unknown field is refused, as OpenAI does: a
 * misspelt {@code max_token} that is silently ignored costs its sender more than the refusal. Every
 * refusal names the field, what came and what was expected.
 */
final class RequestFields {
  private static final List<String> GENERATING =
      List.of(
          "model",
          "user",
          "max_tokens",
          "temperature",
          "top_p",
          "top_k",
          "min_p",
          "repetition_penalty",
          "presence_penalty",
          "frequency_penalty",
          "logit_bias",
          "n",
          "stream",
          "stream_options",
          "logprobs",
          "stop",
          "stop_token_ids",
          "min_tokens",
          "ignore_eos",
          "seed",
          "response_format",
          "structured_outputs");

  /** Which some systems write before any text. */
  private static final String BYTE_ORDER_MARK = "\uFEFF";

  private static final int MOST_STOPS = 4;
  private static final int MOST_BIASES = 1024;
  private static final int MOST_STOP_TOKENS = 1024;

  private final JsonNode body;

  private RequestFields(JsonNode body) {
    this.body = body;
  }

  /**
   * @throws ApiProblem 400 where the body is no JSON object
   */
  static RequestFields of(byte[] bytes) {
    JsonNode body = parse(bytes);
    if (!body.isObject()) {
      throw ApiProblem.refused(
          400, null, "invalid_json", "the body is " + kind(body) + ", expected a JSON object");
    }
    return new RequestFields(body);
  }

  private static JsonNode parse(byte[] bytes) {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw ApiProblem.refused(400, null, "invalid_utf8", "the body is not UTF-8");
    }
    if (text.isBlank()) {
      throw ApiProblem.refused(
          400, null, "invalid_json", "the body is empty, expected a JSON object");
    }
    try {
      return Json.MAPPER.readTree(text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text);
    } catch (JacksonException e) {
      TokenStreamLocation at = e.getLocation();
      String place =
          at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
      String why = Json.why(e);
      throw ApiProblem.refused(
          400, null, "invalid_json", "the body is not valid JSON" + place + ": " + why);
    }
  }

  /** What chats and completions both know, and some more. */
  static Set<String> generatingAnd(String... more) {
    Set<String> known = new TreeSet<>(GENERATING);
    known.addAll(List.of(more));
    return known;
  }

  /** The same with another value of a field. */
  RequestFields with(String name, JsonNode value) {
    return new RequestFields(((ObjectNode) body.deepCopy()).set(name, value));
  }

  /**
   * Refuses fields that are not known, and those that would change the answer and that this service
   * does not have, unless they say what is done anyway.
   */
  void require(Set<String> known, Collection<String> unsupported) {
    body.propertyNames().stream()
        .sorted()
        .filter(name -> !unsupported.contains(name))
        .forEach(name -> requireKnown(name, known));
    for (String name : unsupported) {
      JsonNode value = body.get(name);
      boolean harmless =
          value == null
              || value.isNull()
              || (value.isNumber() && value.doubleValue() == 0)
              || (value.isContainer() && value.isEmpty())
              || (value.isString() && value.stringValue().isEmpty());
      if (!harmless) {
        throw ApiProblem.invalid(
            name, "unsupported_parameter", "'" + name + "' is not supported; leave it out");
      }
    }
  }

  private static void requireKnown(String name, Set<String> all) {
    if (all.contains(name)) {
      return;
    }
    // A long name is no slip of the fingers: don't measure it.
    String nearest =
        (name.length() > 40 ? new TreeSet<String>() : all)
            .stream()
                .min(Comparator.comparingInt((String known) -> distance(known, name)))
                .filter(known -> distance(known, name) <= Math.min(3, name.length() / 2))
                .map(known -> "; did you mean '" + known + "'?")
                .orElse("; leave it out");
    throw ApiProblem.invalid(
        shown(name),
        "unknown_parameter",
        "unrecognized request argument '" + shown(name) + "'" + nearest);
  }

  @Nullable String model() {
    JsonNode model = field("model");
    return model == null ? null : string("model", model);
  }

  /** Whoever asks, as the client knows them; null where it does not say. */
  @Nullable String user() {
    JsonNode user = field("user");
    return user == null ? null : string("user", user);
  }

  /** Refuses a request for another model. */
  void requireModel(String served) {
    String asked = model();
    if (asked != null && !asked.equals(served)) {
      throw ApiProblem.unknownModel(asked, List.of(served));
    }
  }

  /** All but the seed, which is {@link #seed}. */
  Sampling sampling() {
    return new Sampling(
        number("temperature", 1, 0, 2),
        Math.max(0, integer("top_k", 0, -1, Integer.MAX_VALUE)), // vLLM's -1 keeps all too
        // OpenAI allows 0, which leaves the likeliest token alone.
        Math.max(number("top_p", 1, 0, 1), Double.MIN_NORMAL),
        number("min_p", 0, 0, 1),
        number("repetition_penalty", 1, 0.01, 100),
        number("frequency_penalty", 0, -2, 2),
        number("presence_penalty", 0, -2, 2),
        bias(),
        0);
  }

  private Map<Integer, Double> bias() {
    JsonNode bias = field("logit_bias");
    Map<Integer, Double> byId = new HashMap<>();
    if (bias == null) {
      return byId;
    }
    if (!bias.isObject()) {
      throw wrongType("logit_bias", bias, "an object of numbers by token id");
    }
    if (bias.size() > MOST_BIASES) {
      throw ApiProblem.invalid(
          "logit_bias",
          "invalid_value",
          "'logit_bias' has " + bias.size() + " tokens, expected at most " + MOST_BIASES);
    }
    for (var entry : bias.properties()) {
      String name = "logit_bias." + shown(entry.getKey());
      if (!entry.getKey().matches("[0-9]{1,9}")) {
        throw ApiProblem.invalid(
            name, "invalid_value", "'" + name + "' names no token: expected a token id");
      }
      byId.put(Integer.valueOf(entry.getKey()), number(name, entry.getValue(), -100, 100));
    }
    return byId;
  }

  boolean includeUsage(boolean stream) {
    JsonNode options = field("stream_options");
    if (options == null) {
      return false;
    }
    if (!options.isObject()) {
      throw wrongType("stream_options", options, "an object");
    }
    if (!stream) {
      throw ApiProblem.invalid(
          "stream_options", "invalid_value", "'stream_options' goes only with 'stream': true");
    }
    for (String name : options.propertyNames()) {
      // The client pads its streams so unless told otherwise; this service never does.
      if (!name.equals("include_usage") && !name.equals("include_obfuscation")) {
        String path = "stream_options." + shown(name);
        throw ApiProblem.invalid(
            path, "unknown_parameter", "unrecognized request argument '" + path + "'");
      }
    }
    JsonNode usage = options.get("include_usage");
    if (usage == null || usage.isNull()) {
      return false;
    }
    if (!usage.isBoolean()) {
      throw wrongType("stream_options.include_usage", usage, "true or false");
    }
    return usage.booleanValue();
  }

  /**
   * @param maxTokens that the request allows
   */
  Ending ending(int maxTokens) {
    int minTokens = integer("min_tokens", 0, 0, Integer.MAX_VALUE);
    if (minTokens > maxTokens) {
      throw ApiProblem.invalid(
          "min_tokens",
          "invalid_value",
          "'min_tokens' is " + minTokens + ", expected at most 'max_tokens', " + maxTokens);
    }
    return new Ending(stop(), stopTokenIds(), minTokens, bool("ignore_eos"));
  }

  private List<Integer> stopTokenIds() {
    JsonNode given = field("stop_token_ids");
    List<Integer> ids = new ArrayList<>();
    if (given == null) {
      return ids;
    }
    if (!given.isArray()) {
      throw wrongType("stop_token_ids", given, "an array of token ids");
    }
    if (given.size() > MOST_STOP_TOKENS) {
      throw ApiProblem.invalid(
          "stop_token_ids",
          "array_above_max_length",
          "'stop_token_ids' has " + given.size() + " ids, expected at most " + MOST_STOP_TOKENS);
    }
    for (int i = 0; i < given.size(); i++) {
      JsonNode id = given.get(i);
      if (!id.isIntegralNumber() || !id.canConvertToInt() || id.intValue() < 0) {
        throw wrongType("stop_token_ids[" + i + "]", id, "a token id");
      }
      ids.add(id.intValue());
    }
    return ids;
  }

  private List<String> stop() {
    JsonNode stop = field("stop");
    if (stop == null) {
      return List.of();
    }
    List<String> stops = new ArrayList<>();
    if (stop.isString()) {
      stops.add(string("stop", stop));
    } else if (stop.isArray()) {
      for (int i = 0; i < stop.size(); i++) {
        String name = "stop[" + i + "]";
        if (!stop.get(i).isString()) {
          throw wrongType(name, stop.get(i), "a string");
        }
        stops.add(string(name, stop.get(i)));
      }
    } else {
      throw wrongType("stop", stop, "a string or an array of strings");
    }
    if (stops.size() > MOST_STOPS) {
      throw ApiProblem.invalid(
          "stop",
          "array_above_max_length",
          "'stop' has " + stops.size() + " strings, expected at most " + MOST_STOPS);
    }
    if (stops.contains("")) {
      throw ApiProblem.invalid("stop", "invalid_value", "'stop' holds an empty string");
    }
    return stops;
  }

  @Nullable Long seed() {
    JsonNode seed = field("seed");
    if (seed == null) {
      return null;
    }
    if (!seed.isIntegralNumber() || !seed.canConvertToLong()) {
      throw wrongType("seed", seed, "an integer of 64 bits");
    }
    return seed.longValue();
  }

  int integer(String name, int fallback, int least, int most) {
    JsonNode value = field(name);
    if (value == null) {
      return fallback;
    }
    if (!value.isIntegralNumber()) {
      throw wrongType(name, value, "an integer");
    }
    if (!value.canConvertToInt() || value.intValue() < least || value.intValue() > most) {
      boolean below = value.doubleValue() < least;
      String range =
          most < Integer.MAX_VALUE
              ? "between " + least + " and " + most
              : below ? "at least " + least : "at most " + most;
      throw outOfRange(name, value, range);
    }
    return value.intValue();
  }

  double number(String name, double fallback, double least, double most) {
    JsonNode value = field(name);
    return value == null ? fallback : number(name, value, least, most);
  }

  private static double number(String name, JsonNode value, double least, double most) {
    if (!value.isNumber()) {
      throw wrongType(name, value, "a number");
    }
    double number = value.doubleValue();
    if (!(number >= least && number <= most)) {
      throw outOfRange(
          name, value, String.format(Locale.ROOT, "between %s and %s", plain(least), plain(most)));
    }
    return number;
  }

  boolean bool(String name) {
    return bool(name, false);
  }

  boolean bool(String name, boolean fallback) {
    JsonNode value = field(name);
    if (value == null) {
      return fallback;
    }
    if (!value.isBoolean()) {
      throw wrongType(name, value, "true or false");
    }
    return value.booleanValue();
  }

  /** A field's value, or null when it is left out or null, which OpenAI takes for the same. */
  @Nullable JsonNode field(String name) {
    JsonNode value = body.get(name);
    return value == null || value.isNull() ? null : value;
  }

  static String string(String name, JsonNode value) {
    if (!value.isString()) {
      throw wrongType(name, value, "a string");
    }
    String text = value.stringValue();
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw ApiProblem.invalid(
          name,
          "invalid_value",
          "'" + name + "' holds half a surrogate pair, which is no character");
    }
    return text;
  }

  static ApiProblem wrongType(String name, JsonNode value, String expected) {
    return ApiProblem.invalid(
        name, "invalid_type", "'" + name + "' is " + kind(value) + ", expected " + expected);
  }

  private static ApiProblem outOfRange(String name, JsonNode value, String expected) {
    return ApiProblem.invalid(
        name,
        "invalid_value",
        "'" + name + "' is " + shown(value.toString()) + ", expected " + expected);
  }

  private static String kind(JsonNode value) {
    return switch (value.getNodeType()) {
      case OBJECT, POJO -> "an object";
      case ARRAY -> "an array";
      case STRING -> "a string";
      case NUMBER ->
          (value.isIntegralNumber() ? "the integer " : "the number ") + shown(value.toString());
      case BOOLEAN -> value.toString();
      case NULL -> "null";
      case BINARY, MISSING -> "nothing";
    };
  }

  /** What came, short enough for a message. */
  static String shown(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "…";
  }

  private static String plain(double value) {
    return value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
  }

  /** Levenshtein's edit distance. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
