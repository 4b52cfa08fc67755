package dev.slipway.base;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.core.util.Separators;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * JSON as all of Slipway reads and writes it. The same value always gives the same bytes: a
 * record's fields in their order, maps by key, {@code \n} at line ends, times as ISO 8601.
 */
public final class Json {
  private static final StreamReadConstraints LIMITS =
      StreamReadConstraints.builder().maxNestingDepth(200).maxStringLength(256 << 20).build();

  /** For streams and for what the short ways below don't cover. */
  public static final JsonMapper MAPPER =
      JsonMapper.builder(JsonFactory.builder().streamReadConstraints(LIMITS).build())
          .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .defaultPrettyPrinter(
              new DefaultPrettyPrinter(
                      Separators.createDefaultInstance()
                          .withObjectNameValueSpacing(Separators.Spacing.AFTER))
                  .withObjectIndenter(new DefaultIndenter("  ", "\n")))
          .build();

  private static final ObjectWriter PRETTY = MAPPER.writerWithDefaultPrettyPrinter();

  private Json() {}

  public static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  public static ArrayNode array() {
    return MAPPER.createArrayNode();
  }

  /** Indented, with a line end at the end: for files that people open. */
  public static String write(Object value) {
    return PRETTY.writeValueAsString(value) + "\n";
  }

  /** On one line, without a line end: for {@code .jsonl} and for the network. */
  public static String line(Object value) {
    return MAPPER.writeValueAsString(value);
  }

  /** {@link #line} in UTF-8. */
  public static byte[] bytes(Object value) {
    return MAPPER.writeValueAsBytes(value);
  }

  /** SHA-256 of a document with the keys of its objects sorted and no space between. */
  public static String fingerprint(JsonNode document) {
    return Hashing.sha256(bytes(sorted(document)));
  }

  private static JsonNode sorted(JsonNode json) {
    if (json instanceof ObjectNode object) {
      TreeMap<String, JsonNode> fields = new TreeMap<>();
      object.properties().forEach(field -> fields.put(field.getKey(), field.getValue()));
      ObjectNode result = object();
      fields.forEach((key, value) -> result.set(key, sorted(value)));
      return result;
    }
    if (json instanceof ArrayNode array) {
      ArrayNode result = array();
      array.forEach(element -> result.add(sorted(element)));
      return result;
    }
    return json;
  }

  /** A record as the tree that {@link #write} would give. */
  public static JsonNode tree(Object value) {
    return MAPPER.valueToTree(value);
  }

  /**
   * @param text one JSON document
   * @param source what the text is called in an error: a file, or {@code line 7 of data.jsonl}
   */
  public static JsonNode parse(String text, String source) {
    try {
      return MAPPER.readTree(text);
    } catch (JacksonException e) {
      throw malformed(source, e);
    }
  }

  public static <T> T parse(String text, String source, Class<T> type) {
    try {
      return present(MAPPER.readValue(text, type), source);
    } catch (JacksonException e) {
      throw malformed(source, e);
    }
  }

  public static JsonNode read(Path file) {
    return parse(content(file), file.toString());
  }

  public static <T> T read(Path file, Class<T> type) {
    return parse(content(file), file.toString(), type);
  }

  /** A tree as a record; {@code source} as in {@link #parse(String, String)}. */
  public static <T> T as(JsonNode tree, String source, Class<T> type) {
    try {
      return present(MAPPER.treeToValue(tree, type), source);
    } catch (JacksonException e) {
      throw malformed(source, e);
    }
  }

  private static <T> T present(@Nullable T value, String source) {
    if (value == null) {
      throw new SlipwayException(
          Exit.INPUT,
          "json.malformed",
          source + " holds null, expected an object",
          "put back the file as it was written");
    }
    return value;
  }

  private static String content(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      throw new SlipwayException(
          Exit.INPUT,
          "json.missing",
          "there is no file " + file + ", expected a JSON document",
          "check the path",
          e);
    } catch (IOException e) {
      throw new SlipwayException(
          Exit.INPUT,
          "json.unreadable",
          file + " can't be read (" + e + "), expected a JSON document",
          "check that it is a file and that you may read it",
          e);
    }
  }

  private static SlipwayException malformed(String source, JacksonException e) {
    TokenStreamLocation at = e.getLocation();
    String place =
        at == null || at.getLineNr() < 1
            ? ""
            : ", line " + at.getLineNr() + ", column " + at.getColumnNr();
    String path = e instanceof DatabindException ? path(e.getPath()) : "";
    return new SlipwayException(
        Exit.INPUT,
        "json.malformed",
        source + place + path + ": " + why(e),
        "mend the JSON there",
        e);
  }

  /** What is wrong with a text that is no JSON, in one line. */
  public static String why(JacksonException e) {
    return String.valueOf(e.getOriginalMessage())
        .lines()
        .findFirst()
        .orElse("")
        .replaceFirst(" \\(start marker at \\[Source.*", "") // names no place of the file
        // What the parser's own settings are called helps nobody who wrote the text.
        .replaceFirst(": enable `Json\\w+\\.\\w+` to allow", "")
        .replaceFirst(", from `StreamReadConstraints\\.\\w+\\(\\)`", "");
  }

  private static String path(List<JacksonException.Reference> references) {
    if (references.isEmpty()) {
      return "";
    }
    return references.stream()
        .map(
            r -> r.getPropertyName() != null ? "." + r.getPropertyName() : "[" + r.getIndex() + "]")
        .collect(Collectors.joining())
        .replaceFirst("^\\.", ", at ");
  }
}
