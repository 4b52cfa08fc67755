package dev.slipway.platform.server;

import dev.slipway.base.Json;
import dev.slipway.platform.server.CompletionRequest.Prompt;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.JsonNode;

/**
 * Reads the body of a completions request. An unknown field is refused, as OpenAI does: a misspelt
 * {@code max_token} that is silently ignored costs its sender more than the refusal.
 */
final class RequestReader {
  /** OpenAI's fields that would change the answer and that this service does not have. */
  private static final Set<String> UNSUPPORTED =
      new TreeSet<>(List.of("suffix", "logit_bias", "presence_penalty", "frequency_penalty"));

  private static final Set<String> KNOWN =
      new TreeSet<>(
          List.of(
              "model",
              "prompt",
              "max_tokens",
              "temperature",
              "top_p",
              "top_k",
              "min_p",
              "repetition_penalty",
              "n",
              "best_of",
              "stream",
              "stream_options",
              "echo",
              "logprobs",
              "stop",
              "seed",
              "user"));

  private static final int MOST_STOPS = 4;
  private static final int MOST_LOGPROBS = 5;

  private final JsonNode body;

  private RequestReader(JsonNode body) {
    this.body = body;
  }

  /**
   * @throws ApiProblem 400 that names the field, what came and what was expected
   */
  static CompletionRequest read(byte[] bytes) {
    JsonNode body = parse(bytes);
    if (!body.isObject()) {
      throw ApiProblem.refused(
          400, null, "invalid_json", "the body is " + kind(body) + ", expected a JSON object");
    }
    return new RequestReader(body).request();
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
      return Json.MAPPER.readTree(text);
    } catch (JacksonException e) {
      TokenStreamLocation at = e.getLocation();
      String place =
          at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
      String why = String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("");
      throw ApiProblem.refused(
          400, null, "invalid_json", "the body is not valid JSON" + place + ": " + why);
    }
  }

  private CompletionRequest request() {
    body.propertyNames().stream().sorted().forEach(RequestReader::requireKnown);
    for (String name : UNSUPPORTED) {
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
    int n = integer("n", 1, 1, 128);
    int bestOf = integer("best_of", n, 1, 128);
    if (bestOf != n) {
      throw ApiProblem.invalid(
          "best_of",
          "unsupported_parameter",
          "'best_of' is not supported other than equal to 'n' (" + n + "); leave it out");
    }
    boolean stream = bool("stream");
    JsonNode logprobs = field("logprobs");
    JsonNode seed = field("seed");
    return new CompletionRequest(
        model(),
        prompts(),
        integer("max_tokens", 16, 0, Integer.MAX_VALUE),
        number("temperature", 1, 0, 2),
        number("top_p", 1, 0, 1),
        topK(),
        number("min_p", 0, 0, 1),
        number("repetition_penalty", 1, 0.01, 100),
        n,
        stream,
        includeUsage(stream),
        bool("echo"),
        logprobs == null ? null : integer("logprobs", 0, 0, MOST_LOGPROBS),
        stop(),
        seed == null ? null : seed(seed));
  }

  private static void requireKnown(String name) {
    if (KNOWN.contains(name) || UNSUPPORTED.contains(name)) {
      return;
    }
    // A long name is no slip of the fingers: don't measure it.
    String nearest =
        (name.length() > 40 ? new TreeSet<String>() : KNOWN)
            .stream()
                .min(Comparator.comparingInt((String known) -> distance(known, name)))
                .filter(known -> distance(known, name) <= 3)
                .map(known -> "; did you mean '" + known + "'?")
                .orElse("; leave it out");
    throw ApiProblem.invalid(
        shown(name),
        "unknown_parameter",
        "unrecognized request argument '" + shown(name) + "'" + nearest);
  }

  private @Nullable String model() {
    JsonNode model = field("model");
    return model == null ? null : string("model", model);
  }

  private List<Prompt> prompts() {
    JsonNode prompt = field("prompt");
    if (prompt == null) {
      throw ApiProblem.invalid("prompt", "missing_required_parameter", "you must provide 'prompt'");
    }
    String expected = "a string, an array of strings, an array of token ids, or an array of such";
    if (prompt.isString()) {
      return List.of(new Prompt.Text(string("prompt", prompt)));
    }
    if (!prompt.isArray()) {
      throw wrongType("prompt", prompt, expected);
    }
    if (prompt.isEmpty()) {
      throw ApiProblem.invalid("prompt", "empty_array", "'prompt' is empty, expected " + expected);
    }
    if (prompt.get(0).isNumber()) {
      return List.of(ids("prompt", prompt));
    }
    List<Prompt> prompts = new ArrayList<>();
    for (int i = 0; i < prompt.size(); i++) {
      String name = "prompt[" + i + "]";
      JsonNode one = prompt.get(i);
      if (one.isString()) {
        prompts.add(new Prompt.Text(string(name, one)));
      } else if (one.isArray()) {
        prompts.add(ids(name, one));
      } else {
        throw wrongType(name, one, "a string or an array of token ids");
      }
    }
    return prompts;
  }

  private static Prompt.Ids ids(String name, JsonNode array) {
    if (array.isEmpty()) {
      throw ApiProblem.invalid(name, "empty_array", "'" + name + "' holds no token ids");
    }
    int[] ids = new int[array.size()];
    for (int i = 0; i < ids.length; i++) {
      JsonNode id = array.get(i);
      if (!id.isIntegralNumber() || !id.canConvertToInt() || id.intValue() < 0) {
        throw wrongType(name + "[" + i + "]", id, "a token id");
      }
      ids[i] = id.intValue();
    }
    return new Prompt.Ids(ids);
  }

  private int topK() {
    int topK = integer("top_k", 0, -1, Integer.MAX_VALUE);
    return Math.max(0, topK); // vLLM's -1 keeps all too
  }

  private boolean includeUsage(boolean stream) {
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

  private static long seed(JsonNode seed) {
    if (!seed.isIntegralNumber() || !seed.canConvertToLong()) {
      throw wrongType("seed", seed, "an integer of 64 bits");
    }
    return seed.longValue();
  }

  private int integer(String name, int fallback, int least, int most) {
    JsonNode value = field(name);
    if (value == null) {
      return fallback;
    }
    if (!value.isIntegralNumber()) {
      throw wrongType(name, value, "an integer");
    }
    if (!value.canConvertToInt() || value.intValue() < least || value.intValue() > most) {
      String range =
          most == Integer.MAX_VALUE ? "at least " + least : "between " + least + " and " + most;
      throw outOfRange(name, value, range);
    }
    return value.intValue();
  }

  private double number(String name, double fallback, double least, double most) {
    JsonNode value = field(name);
    if (value == null) {
      return fallback;
    }
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

  private boolean bool(String name) {
    JsonNode value = field(name);
    if (value == null) {
      return false;
    }
    if (!value.isBoolean()) {
      throw wrongType(name, value, "true or false");
    }
    return value.booleanValue();
  }

  /** A field's value, or null when it is left out or null, which OpenAI takes for the same. */
  private @Nullable JsonNode field(String name) {
    JsonNode value = body.get(name);
    return value == null || value.isNull() ? null : value;
  }

  private static String string(String name, JsonNode value) {
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

  private static ApiProblem wrongType(String name, JsonNode value, String expected) {
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
  private static String shown(String text) {
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
