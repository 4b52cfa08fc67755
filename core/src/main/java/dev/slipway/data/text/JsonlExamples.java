package dev.slipway.data.text;

import dev.slipway.base.Json;
import dev.slipway.data.SplitName;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Field;
import dev.slipway.data.example.Value;
import dev.slipway.data.source.Utf8;
import java.io.BufferedInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * JSON objects, one a line: each key is a field. Strings and booleans are texts, numbers numbers,
 * arrays of strings labels; a field of several kinds is one of texts. Ids are {@code line-N}, from
 * 1. Objects within objects are left out with a warning.
 */
public final class JsonlExamples implements ExampleSet {
  private static final int LONGEST = 64 << 20;

  private final List<Field> fields;
  private final SequencedMap<String, List<Value>> columns;
  private final List<Long> lines;
  private final List<Integer> bytes;
  private final @Nullable String splitField;
  private final List<String> warnings;

  private JsonlExamples(
      List<Field> fields,
      SequencedMap<String, List<Value>> columns,
      List<Long> lines,
      List<Integer> bytes,
      @Nullable String splitField,
      List<String> warnings) {
    this.fields = List.copyOf(fields);
    this.columns = columns;
    this.lines = lines;
    this.bytes = bytes;
    this.splitField = splitField;
    this.warnings = List.copyOf(warnings);
  }

  /**
   * Reads a file.
   *
   * @param splitField the field that tells the split of each, if one does
   * @throws dev.slipway.base.SlipwayException if it can't be read, a line is no object, or there is
   *     none
   */
  public static JsonlExamples open(Path path, Optional<String> splitField) {
    SequencedMap<String, List<Value>> columns = new LinkedHashMap<>();
    List<Long> lines = new ArrayList<>();
    List<Integer> bytes = new ArrayList<>();
    List<String> warnings = new ArrayList<>();
    try (InputStream in = new BufferedInputStream(new FileInputStream(path.toFile()), 1 << 16)) {
      long number = 0;
      for (byte[] line = line(in, path, 1); line.length > 0; line = line(in, path, number + 1)) {
        number++;
        String text = Utf8.decode(line);
        if (text == null) {
          throw TextProblems.malformed(
              path.toString(), number, "is not UTF-8: " + Utf8.firstInvalid(line), null);
        }
        if (!text.isBlank()) {
          add(object(path, number, text), columns, lines.size(), number, warnings);
          lines.add(number);
          bytes.add(line.length);
        }
      }
    } catch (IOException e) {
      throw TextProblems.failed(path, e);
    }
    if (lines.isEmpty()) {
      throw TextProblems.noneLeft(path.toString(), 0, "");
    }
    List<Field> fields = new ArrayList<>();
    for (Map.Entry<String, List<Value>> column : columns.entrySet()) {
      pad(column.getValue(), lines.size());
      Field.Kind kind = kind(column.getValue());
      if (kind == Field.Kind.TEXT) {
        column.getValue().replaceAll(JsonlExamples::asText);
      }
      if (!column.getKey().equals(splitField.orElse(null))) {
        fields.add(new Field(column.getKey(), kind));
      }
    }
    return new JsonlExamples(fields, columns, lines, bytes, splitField.orElse(null), warnings);
  }

  /** One line with its end; empty at the end of the file. */
  private static byte[] line(InputStream in, Path path, long number) throws IOException {
    byte[] line = new byte[256];
    int length = 0;
    for (int b = in.read(); b >= 0; b = in.read()) {
      if (length == LONGEST) {
        throw TextProblems.malformed(
            path.toString(), number, "has more than " + LONGEST + " bytes", null);
      }
      if (length == line.length) {
        line = Arrays.copyOf(line, 2 * length);
      }
      line[length++] = (byte) b;
      if (b == '\n') {
        break;
      }
    }
    return Arrays.copyOf(line, length);
  }

  private static JsonNode object(Path path, long line, String text) {
    JsonNode node;
    try {
      node = Json.MAPPER.readTree(text.getBytes(StandardCharsets.UTF_8));
    } catch (JacksonException e) {
      throw TextProblems.malformed(path.toString(), line, "is not JSON: " + Json.why(e), e);
    }
    if (!node.isObject()) {
      throw TextProblems.malformed(path.toString(), line, "is not a JSON object", null);
    }
    return node;
  }

  private static void add(
      JsonNode object,
      Map<String, List<Value>> columns,
      int row,
      long line,
      List<String> warnings) {
    for (Map.Entry<String, JsonNode> property : object.properties()) {
      Value value = value(property.getValue());
      if (value == null) {
        String warning =
            "the field '%s' holds objects, which are left out, first in line "
                .formatted(property.getKey());
        if (warnings.stream().noneMatch(w -> w.startsWith(warning))) {
          warnings.add(warning + line);
        }
        continue;
      }
      List<Value> column = columns.computeIfAbsent(property.getKey(), key -> new ArrayList<>());
      pad(column, row);
      column.add(value);
    }
  }

  private static void pad(List<Value> column, int rows) {
    while (column.size() < rows) {
      column.add(Value.Missing.INSTANCE);
    }
  }

  /** Null for what can't be a value. */
  private static @Nullable Value value(JsonNode node) {
    if (node.isNull()) {
      return Value.Missing.INSTANCE;
    }
    if (node.isString() || node.isBoolean()) {
      return new Value.Text(node.asString());
    }
    if (node.isNumber()) {
      return new Value.Number(node.doubleValue());
    }
    if (node.isArray()) {
      List<String> labels = new ArrayList<>();
      for (JsonNode item : node) {
        if (!item.isString() && !item.isNumber()) {
          return null;
        }
        labels.add(item.asString());
      }
      return new Value.Labels(labels);
    }
    return null;
  }

  private static Field.Kind kind(List<Value> column) {
    boolean numbers = column.stream().anyMatch(v -> v instanceof Value.Number);
    boolean labels = column.stream().anyMatch(v -> v instanceof Value.Labels);
    boolean texts = column.stream().anyMatch(v -> v instanceof Value.Text);
    if (labels && !numbers && !texts) {
      return Field.Kind.LABELS;
    }
    return numbers && !labels && !texts ? Field.Kind.NUMBER : Field.Kind.TEXT;
  }

  private static Value asText(Value value) {
    return switch (value) {
      case Value.Number(double number) ->
          new Value.Text(
              number == Math.rint(number) && Math.abs(number) < 1e15
                  ? Long.toString((long) number)
                  : Double.toString(number));
      case Value.Labels(List<String> labels) -> new Value.Text(String.join(" ", labels));
      default -> value;
    };
  }

  /** What a person should know of the file, a sentence each. */
  public List<String> warnings() {
    return warnings;
  }

  @Override
  public int size() {
    return lines.size();
  }

  @Override
  public String id(int example) {
    return "line-" + lines.get(example);
  }

  @Override
  public long bytes(int example) {
    return bytes.get(example);
  }

  @Override
  public List<Field> fields() {
    return fields;
  }

  @Override
  public Value value(int example, String field) {
    List<Value> column = columns.get(field);
    if (column == null) {
      throw new IllegalArgumentException("no field is called " + field);
    }
    return column.get(example);
  }

  @Override
  public Optional<SplitName> given(int example) {
    return splitField != null
            && columns.containsKey(splitField)
            && value(example, splitField) instanceof Value.Text(String word)
        ? SplitName.named(word)
        : Optional.empty();
  }

  @Override
  public List<DroppedExample> dropped() {
    return List.of();
  }

  @Override
  public void close() {}
}
